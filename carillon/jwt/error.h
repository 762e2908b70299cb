// Why a token is refused by its issuer's rules.
#pragma once

#include <cstdint>

namespace carillon::jwt {

enum class JwtError : uint8_t {
  kMalformed,       // not three parts of base64url, not JSON objects, a claim of the wrong type
  kUnsupported,     // five parts (JWE), or `crit` in the header
  kAlgorithm,       // `alg` is not one of the accepted ones
  kUnknownKey,      // no key with this `kid` and for this algorithm
  kSignature,       // does not verify
  kExpired,         // `exp` is now or past
  kNotYetValid,     // `nbf` is in the future
  kIssuedInFuture,  // `iat` is in the future
  kIssuer,          // `iss` is missing or not the configured one
  kAudience,        // `aud` is missing or does not hold the configured one
};

}  // namespace carillon::jwt
