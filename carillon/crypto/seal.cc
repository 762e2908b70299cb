#include "carillon/crypto/seal.h"

#include "carillon/base/random.h"

namespace carillon::crypto {
namespace {

// No two names begin alike, for the length comes first.
std::string label(std::string_view name) {
  return std::to_string(name.size()) + ":" + std::string(name);
}

}  // namespace

Seal::Seal(const std::vector<Secret>& keys) {
  for (const Secret& key : keys) keys_.push_back(FernetKey::from_text(key.reveal()));
}

std::string Seal::seal(std::string_view name, std::string_view text, int64_t now_s) const {
  if (keys_.empty()) return std::string(text);
  AesBlock iv;
  fill_random(iv);
  return keys_.front().encrypt(label(name) + std::string(text), now_s, iv);
}

std::optional<std::string> Seal::open(std::string_view name,
                                      std::string_view sealed,
                                      int64_t now_s,
                                      uint32_t max_age_s) const {
  if (keys_.empty()) return std::string(sealed);
  const std::string wanted = label(name);
  for (const FernetKey& key : keys_) {
    const auto body = key.decrypt(sealed, now_s, max_age_s);
    if (body && body->starts_with(wanted)) return body->substr(wanted.size());
  }
  return std::nullopt;
}

}  // namespace carillon::crypto
