// Fernet tokens: AES-128-CBC under HMAC-SHA-256 with a time, as base64url text. What channels_redis
// encrypts messages with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/crypto/aes.h"
#include "carillon/crypto/hmac.h"

namespace carillon::crypto {

enum class FernetError : uint8_t {
  kMalformed,  // not padded base64url, another version, a length that no token has
  kSignature,  // made with another key, or changed
  kExpired,
  kFromFuture,  // more than a minute ahead of our clock
};

// Movable, not copyable, and used by one thread at a time (see HmacKey).
class FernetKey {
 public:
  // The key that channels_redis makes of one of its symmetric_encryption_keys.
  static FernetKey from_text(std::string_view text);

  // The token, padded. `iv` is random and used once; `now_s` is Unix time.
  std::string encrypt(std::string_view body, int64_t now_s, const AesBlock& iv) const;

  // The body. Without `ttl_s` the time is not looked at; with it a token is good as long as its
  // time plus that is not before `now_s`. The signature is compared in constant time, and nothing
  // else is looked at before.
  Result<std::string, FernetError> decrypt(std::string_view token,
                                           int64_t now_s,
                                           std::optional<uint32_t> ttl_s = {}) const;

 private:
  FernetKey(HmacKey signing_key, const AesBlock& encryption_key)
      : signing_key_(std::move(signing_key)), encryption_key_(encryption_key) {}

  HmacKey signing_key_;
  AesBlock encryption_key_;
};

// A snake_case name for logs and metrics.
std::string_view slug(FernetError error) noexcept;

}  // namespace carillon::crypto
