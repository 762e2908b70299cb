#include "carillon/auth/api_keys.h"

#include "carillon/crypto/constant_time.h"
#include "carillon/crypto/hash.h"

namespace carillon::auth {

ApiKeys::ApiKeys(const std::vector<Secret>& keys) {
  for (const Secret& key : keys) {
    if (!key.empty()) digests_.push_back(crypto::sha256(as_bytes(key.reveal())));
  }
}

bool ApiKeys::contains(std::string_view key) const {
  const auto digest = crypto::sha256(as_bytes(key));
  bool is_found = false;
  // No early end: which key matched must not show in the time. Digests have one length, so that
  // not even a key's length does.
  for (const auto& each : digests_) {
    is_found |= crypto::constant_time_equal(as_text(each), as_text(digest));
  }
  return is_found;
}

}  // namespace carillon::auth
