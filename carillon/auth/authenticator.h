// Tokens to identities: the rules of djangorestframework-simplejwt over the signed claims.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "carillon/auth/auth_error.h"
#include "carillon/auth/identity.h"
#include "carillon/auth/token_cache.h"
#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/http/request.h"
#include "carillon/jwt/verifier.h"

namespace carillon::auth {

// One per worker and used on its thread only: it holds keyed contexts and the cache.
class Authenticator {
 public:
  // Reads the key files of the settings. The error names the setting, the file and what is wrong
  // with it. `clock` is borrowed and must outlive the authenticator.
  static Result<std::unique_ptr<Authenticator>, Error> make(const config::AuthSettings& settings,
                                                            const Clock& clock);

  // In this order: size, then jwt::Verifier's checks (form, algorithm, key, signature, exp, nbf,
  // iat, aud, iss), exp present, jti, token_type, user id. A verified token is answered from the
  // cache until it expires; `exp` and `nbf` are checked at each hit.
  Result<Identity, AuthError> authenticate(std::string_view token);

  // The same for the token that find_token() finds in `request`.
  Result<Identity, AuthError> authenticate(const http::Request& request);

  // Counts since the start, for metrics.
  uint64_t cache_hits() const noexcept { return cache_hits_; }
  uint64_t cache_misses() const noexcept { return cache_misses_; }
  // Role claims of another JSON type than theirs, which grant nothing.
  uint64_t ignored_claims() const noexcept { return ignored_claims_; }

 private:
  Authenticator(const config::AuthSettings& settings, const Clock& clock, jwt::Verifier verifier);

  Result<Identity, AuthError> verify(std::string_view token,
                                     const TokenDigest& digest,
                                     int64_t now_s);
  Result<void, AuthError> check_token_claims(const json::Value& claims) const;

  config::AuthSettings settings_;
  const Clock& clock_;
  jwt::Verifier verifier_;
  TokenCache cache_;
  uint64_t cache_hits_ = 0;
  uint64_t cache_misses_ = 0;
  uint64_t ignored_claims_ = 0;
};

}  // namespace carillon::auth
