// Verification of signed tokens (RFC 7519 §7.2, RFC 8725) as PyJWT does it for simplejwt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/crypto/hmac.h"
#include "carillon/jwt/algorithm.h"
#include "carillon/jwt/claims.h"
#include "carillon/jwt/error.h"
#include "carillon/jwt/key_set.h"
#include "carillon/jwt/token.h"

namespace carillon::jwt {

struct Policy {
  std::vector<Algorithm> algorithms;  // nothing else is accepted, whatever the header says
  std::string secret;                 // for HS; with it no public key is ever tried
  std::string issuer;                 // empty: `iss` is not looked at
  std::string audience;               // empty: `aud` is not looked at
  int64_t leeway_s = 0;               // for clocks that differ: `exp`, `nbf` and `iat`
};

// Whether a token is genuine and in its time. What the claims mean is the caller's question.
//
// Holds keyed HMAC contexts and the last header seen, so it is used by one thread: one per worker.
class Verifier {
 public:
  Verifier(Policy policy, KeySet keys);

  // In this order, and no later check runs when an earlier one fails: form, algorithm, key,
  // signature, `exp`, `nbf`, `iat`, `aud`, `iss`. A token without `exp` passes: whether it must
  // have one is the caller's rule. `now_s` is Unix time.
  Result<Claims, JwtError> verify(std::string_view token, int64_t now_s);

  // The time checks alone, for a token that verified before. Boundaries as in PyJWT: a token whose
  // `exp` is now is expired, one whose `nbf` is now is valid.
  bool is_expired(int64_t expires_at_s, int64_t now_s) const noexcept;
  bool is_early(int64_t not_before_s, int64_t now_s) const noexcept;

 private:
  struct Checked {
    Algorithm algorithm;
    const VerificationKey* key;  // null for HS
  };

  Result<Checked, JwtError> check_header(std::string_view text);
  bool check_signature(const CompactToken& token, const Checked& header, ByteView signature) const;
  Result<void, JwtError> check_times(Claims& claims, int64_t now_s) const;
  Result<void, JwtError> check_parties(const json::Value& claims) const;

  Policy policy_;
  KeySet keys_;
  std::array<bool, kAlgorithmCount> is_accepted_{};
  std::array<std::optional<crypto::HmacKey>, 3> hmac_keys_;  // by HashAlgorithm
  // An issuer's tokens share one header: its text is parsed when it changes.
  std::string header_text_;
  std::optional<Checked> header_;
};

}  // namespace carillon::jwt
