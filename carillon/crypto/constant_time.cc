#include "carillon/crypto/constant_time.h"

#include <openssl/crypto.h>

namespace carillon::crypto {

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace carillon::crypto
