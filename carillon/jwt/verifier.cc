#include "carillon/jwt/verifier.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "carillon/base/base64.h"
#include "carillon/base/bytes.h"

namespace carillon::jwt {
namespace {

constexpr Algorithm kHmacAlgorithms[] = {Algorithm::kHs256, Algorithm::kHs384, Algorithm::kHs512};

// The end of the year 9999: no later date exists for Python, and seconds up to here can be turned
// into milliseconds without overflow.
constexpr int64_t kTimeMax = 253'402'300'799;

// A NumericDate (RFC 7519 §2): any JSON number; strings and booleans are not dates.
Result<std::optional<int64_t>, JwtError> read_time(const json::Value& claims,
                                                   std::string_view name) {
  using Read = Result<std::optional<int64_t>, JwtError>;
  const json::Value* claim = claims.find(name);
  if (claim == nullptr) return Read(std::nullopt);
  std::optional<int64_t> seconds = claim->as_int64();
  if (!seconds) {
    const std::optional<double> exact = claim->as_double();
    if (!exact || std::abs(*exact) > static_cast<double>(kTimeMax)) {
      return Err(JwtError::kMalformed);
    }
    seconds = static_cast<int64_t>(*exact);
  }
  if (*seconds > kTimeMax || *seconds < -kTimeMax) return Err(JwtError::kMalformed);
  return Read(seconds);
}

bool is_text(const json::Value& value, std::string_view text) {
  return value.as_string() != nullptr && *value.as_string() == text;
}

// RFC 7519 §4.1.3: one string, or a list of strings and nothing else.
bool holds_audience(const json::Value* claim, std::string_view audience) {
  if (claim == nullptr) return false;
  const json::Value::Array* list = claim->as_array();
  if (list == nullptr) return is_text(*claim, audience);
  return std::all_of(list->begin(), list->end(),
                     [](const auto& each) { return each.is_string(); }) &&
         std::any_of(list->begin(), list->end(),
                     [&](const auto& each) { return is_text(each, audience); });
}

}  // namespace

Verifier::Verifier(Policy policy, KeySet keys)
    : policy_(std::move(policy)), keys_(std::move(keys)) {
  for (const Algorithm algorithm : policy_.algorithms) {
    is_accepted_[static_cast<size_t>(algorithm)] = true;
  }
  for (const Algorithm algorithm : kHmacAlgorithms) {
    const crypto::HashAlgorithm hash = *hmac_hash_of(algorithm);
    if (is_accepted_[static_cast<size_t>(algorithm)] && !policy_.secret.empty()) {
      hmac_keys_[static_cast<size_t>(hash)] = crypto::HmacKey::make(hash, as_bytes(policy_.secret));
    }
  }
  policy_.secret.clear();
}

Result<Claims, JwtError> Verifier::verify(std::string_view token, int64_t now_s) {
  CARILLON_TRY(const CompactToken parts, split_compact(token));
  CARILLON_TRY(const Checked header, check_header(parts.header));
  const std::optional<std::string> signature = base64url_decode(parts.signature);
  if (!signature) return Err(JwtError::kMalformed);
  if (!check_signature(parts, header, as_bytes(*signature))) return Err(JwtError::kSignature);

  CARILLON_TRY(json::Value object, parse_object(parts.payload));
  Claims claims{
      .object = std::move(object), .expires_at_s = {}, .not_before_s = {}, .issued_at_s = {}};
  if (auto times = check_times(claims, now_s); !times) return Err(times.error());
  if (auto parties = check_parties(claims.object); !parties) return Err(parties.error());
  return claims;
}

bool Verifier::is_expired(int64_t expires_at_s, int64_t now_s) const noexcept {
  return expires_at_s <= now_s - policy_.leeway_s;
}

bool Verifier::is_early(int64_t not_before_s, int64_t now_s) const noexcept {
  return not_before_s > now_s + policy_.leeway_s;
}

Result<Verifier::Checked, JwtError> Verifier::check_header(std::string_view text) {
  if (header_ && header_text_ == text) return *header_;
  CARILLON_TRY(const Header header, parse_header(text));
  const std::optional<Algorithm> algorithm = parse_algorithm(header.alg);
  if (!algorithm || !is_accepted_[static_cast<size_t>(*algorithm)]) {
    return Err(JwtError::kAlgorithm);
  }
  // The algorithm decides which kind of key is looked at, so that a public key is never taken for
  // an HMAC secret (RFC 8725 §2.1).
  Checked checked{.algorithm = *algorithm, .key = nullptr};
  if (const auto hash = hmac_hash_of(*algorithm)) {
    if (!hmac_keys_[static_cast<size_t>(*hash)]) return Err(JwtError::kUnknownKey);
  } else {
    checked.key = keys_.find(header.kid, *algorithm);
    if (checked.key == nullptr) return Err(JwtError::kUnknownKey);
  }
  header_text_ = text;
  header_ = checked;
  return checked;
}

bool Verifier::check_signature(const CompactToken& token,
                               const Checked& header,
                               ByteView signature) const {
  const ByteView message = as_bytes(token.signing_input);
  if (const auto hash = hmac_hash_of(header.algorithm)) {
    return hmac_keys_[static_cast<size_t>(*hash)]->verify(message, signature);
  }
  return header.key->key.verify(*signature_of(header.algorithm), message, signature);
}

Result<void, JwtError> Verifier::check_times(Claims& claims, int64_t now_s) const {
  CARILLON_TRY(claims.expires_at_s, read_time(claims.object, "exp"));
  if (claims.expires_at_s && is_expired(*claims.expires_at_s, now_s)) {
    return Err(JwtError::kExpired);
  }
  CARILLON_TRY(claims.not_before_s, read_time(claims.object, "nbf"));
  if (claims.not_before_s && is_early(*claims.not_before_s, now_s)) {
    return Err(JwtError::kNotYetValid);
  }
  CARILLON_TRY(claims.issued_at_s, read_time(claims.object, "iat"));
  if (claims.issued_at_s && is_early(*claims.issued_at_s, now_s)) {
    return Err(JwtError::kIssuedInFuture);
  }
  return {};
}

Result<void, JwtError> Verifier::check_parties(const json::Value& claims) const {
  if (!policy_.audience.empty() && !holds_audience(claims.find("aud"), policy_.audience)) {
    return Err(JwtError::kAudience);
  }
  const json::Value* issuer = claims.find("iss");
  if (!policy_.issuer.empty() && (issuer == nullptr || !is_text(*issuer, policy_.issuer))) {
    return Err(JwtError::kIssuer);
  }
  return {};
}

}  // namespace carillon::jwt
