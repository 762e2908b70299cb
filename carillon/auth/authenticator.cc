#include "carillon/auth/authenticator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "carillon/auth/identity_claims.h"
#include "carillon/auth/token_source.h"
#include "carillon/auth/verification_keys.h"
#include "carillon/crypto/hash.h"

namespace carillon::auth {
namespace {

AuthError to_auth_error(jwt::JwtError error) {
  switch (error) {
    case jwt::JwtError::kMalformed:
      return AuthError::kMalformed;
    case jwt::JwtError::kUnsupported:
      return AuthError::kUnsupported;
    case jwt::JwtError::kAlgorithm:
      return AuthError::kAlgorithm;
    case jwt::JwtError::kUnknownKey:
      return AuthError::kUnknownKey;
    case jwt::JwtError::kSignature:
      return AuthError::kSignature;
    case jwt::JwtError::kExpired:
      return AuthError::kExpired;
    case jwt::JwtError::kNotYetValid:
      return AuthError::kNotYetValid;
    case jwt::JwtError::kIssuedInFuture:
      return AuthError::kIssuedInFuture;
    case jwt::JwtError::kIssuer:
      return AuthError::kIssuer;
    case jwt::JwtError::kAudience:
      return AuthError::kAudience;
  }
  return AuthError::kMalformed;
}

// Whether some accepted algorithm has a key; the set may hold keys for others, too.
bool can_verify(const jwt::Policy& policy, const jwt::KeySet& keys) {
  return std::any_of(policy.algorithms.begin(), policy.algorithms.end(), [&](auto algorithm) {
    return jwt::hmac_hash_of(algorithm).has_value() || keys.supports(algorithm);
  });
}

// RFC 7519 §4.1: both are strings, and PyJWT 2.10 and later refuse others.
bool is_absent_or_text(const json::Value& claims, std::string_view name) {
  const json::Value* claim = claims.find(name);
  return claim == nullptr || claim->is_string();
}

}  // namespace

Result<std::unique_ptr<Authenticator>, Error> Authenticator::make(
    const config::AuthSettings& settings, const Clock& clock) {
  CARILLON_TRY(jwt::Policy policy, make_policy(settings));
  CARILLON_TRY(jwt::KeySet keys, load_keys(settings));
  if (!can_verify(policy, keys)) {
    return Err(Error{"unused_public_key",
                     "no configured key is of a type that auth.algorithms accepts: name the "
                     "algorithm of the key"});
  }
  return std::unique_ptr<Authenticator>(
      new Authenticator(settings, clock, jwt::Verifier(std::move(policy), std::move(keys))));
}

Authenticator::Authenticator(const config::AuthSettings& settings,
                             const Clock& clock,
                             jwt::Verifier verifier)
    : settings_(settings),
      clock_(clock),
      verifier_(std::move(verifier)),
      cache_(settings.token_cache_max) {
  settings_.secret_key = Secret();  // the verifier's keyed contexts are the only copy here
}

Result<Identity, AuthError> Authenticator::authenticate(const http::Request& request) {
  CARILLON_TRY(const std::string token, find_token(request));
  return authenticate(token);
}

Result<Identity, AuthError> Authenticator::authenticate(std::string_view token) {
  if (token.empty()) return Err(AuthError::kMissing);
  if (token.size() > settings_.token_bytes_max) return Err(AuthError::kTooLarge);
  const int64_t now_s = clock_.wall_s();
  const TokenDigest digest = crypto::sha256(as_bytes(token));
  const TokenCache::Entry* known = cache_.find(digest);
  if (known == nullptr) {
    ++cache_misses_;
    return verify(token, digest, now_s);
  }
  ++cache_hits_;
  if (verifier_.is_expired(known->identity.expires_at_s, now_s)) {
    cache_.erase(digest);
    return Err(AuthError::kExpired);
  }
  // The wall clock can be set back.
  if (known->not_before_s && verifier_.is_early(*known->not_before_s, now_s)) {
    return Err(AuthError::kNotYetValid);
  }
  return known->identity;
}

Result<Identity, AuthError> Authenticator::verify(std::string_view token,
                                                  const TokenDigest& digest,
                                                  int64_t now_s) {
  const auto claims = verifier_.verify(token, now_s);
  if (!claims) return Err(to_auth_error(claims.error()));
  if (!is_absent_or_text(claims->object, "jti")) return Err(AuthError::kMalformed);
  if (settings_.user_id_claim != "sub" && !is_absent_or_text(claims->object, "sub")) {
    return Err(AuthError::kMalformed);
  }
  if (!claims->expires_at_s) return Err(AuthError::kNoExpiry);
  if (auto checked = check_token_claims(claims->object); !checked) return Err(checked.error());
  CARILLON_TRY(Identity identity,
               read_identity(claims->object, settings_.user_id_claim, ignored_claims_));
  identity.expires_at_s = *claims->expires_at_s;
  cache_.insert(digest, {.identity = identity, .not_before_s = claims->not_before_s});
  return identity;
}

Result<void, AuthError> Authenticator::check_token_claims(const json::Value& claims) const {
  if (settings_.require_jti && claims.find("jti") == nullptr) return Err(AuthError::kNoId);
  if (!settings_.require_token_type) return {};
  const json::Value* type = claims.find("token_type");
  if (type == nullptr) return Err(AuthError::kNoType);
  const std::string* name = type->as_string();
  const auto& accepted = settings_.token_types;
  if (name == nullptr || std::find(accepted.begin(), accepted.end(), *name) == accepted.end()) {
    return Err(AuthError::kWrongType);
  }
  return {};
}

}  // namespace carillon::auth
