// The keys that tokens are verified with: one shared secret, one public key, or a JWK set.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/crypto/signature.h"
#include "carillon/jwt/algorithm.h"

namespace carillon::jwt {

// One public key that a token may be verified with.
struct VerificationKey {
  std::string kid;                     // empty for a single key from PEM
  std::optional<Algorithm> algorithm;  // the JWK's `alg`; then no other is accepted with this key
  crypto::PublicKey key;

  bool accepts(Algorithm wanted) const;
};

// Immutable public keys. Movable; reading it is safe on any thread.
class KeySet {
 public:
  // No key at all: enough for HS.
  KeySet() = default;

  // One key for every token, whatever its `kid` says.
  static Result<KeySet, Error> from_pem(std::string_view pem);

  // A JWK set (RFC 7517 §5), {"keys":[…]}. Keys of another use (`use` other than "sig", `key_ops`
  // without "verify"), of an unknown `kty`, curve or `alg`, symmetric ones and those without a
  // `kid` are left out, as §5 asks; a broken or weak key, a private one, a `kid` that occurs twice,
  // and a set without any usable key are errors.
  static Result<KeySet, Error> from_jwk_set(std::string_view json);

  // The key for a token: from a JWK set by exactly this `kid`, else the single key. Null when there
  // is none or it is not for `algorithm`. Borrowed from the set.
  const VerificationKey* find(const std::optional<std::string>& kid, Algorithm algorithm) const;

  // Whether any key could verify `algorithm`.
  bool supports(Algorithm algorithm) const;

 private:
  std::vector<VerificationKey> keys_;
  bool is_by_kid_ = false;
};

}  // namespace carillon::jwt
