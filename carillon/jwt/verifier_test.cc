#include "carillon/jwt/verifier.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "carillon/base/base64.h"
#include "carillon/jwt/keys_test.h"
#include "carillon/jwt/signer.h"

namespace carillon::jwt {
namespace {

constexpr int64_t kNow = test::kIssuedAt;

Policy hs256() {
  return {.algorithms = {Algorithm::kHs256},
          .secret = std::string(test::kSecret),
          .issuer = {},
          .audience = {},
          .leeway_s = 0};
}

Policy accepting(std::initializer_list<Algorithm> algorithms) {
  Policy policy = hs256();
  policy.algorithms = algorithms;
  return policy;
}

const KeySet& all_keys() {
  static const KeySet keys = [] {
    std::string json = R"({"keys":[)";
    for (const std::string_view jwk : {test::kRsaJwk, test::kP256Jwk, test::kP384Jwk,
                                       test::kP521Jwk, test::kEd25519Jwk, test::kEd448Jwk}) {
      if (!json.ends_with('[')) json += ',';
      json += jwk;
    }
    return *KeySet::from_jwk_set(json + "]}");
  }();
  return keys;
}

std::string encode(std::string_view text) {
  return base64url_encode(as_bytes(text));
}

// A token with any header, signed as HS256 with the test secret.
std::string signed_with(std::string_view header, std::string_view claims) {
  const std::string input = encode(header) + "." + encode(claims);
  const auto key = crypto::HmacKey::make(crypto::HashAlgorithm::kSha256, as_bytes(test::kSecret));
  return input + "." + base64url_encode(key.sign(as_bytes(input)).view());
}

std::string hs256_token(std::string_view claims) {
  return sign_hs256(test::kSecret, claims);
}

// The error of `token`, or empty when it verifies.
std::optional<JwtError> error_of(Policy policy, std::string_view token, int64_t now_s = kNow) {
  Verifier verifier(std::move(policy), all_keys());
  const auto claims = verifier.verify(token, now_s);
  if (claims) return std::nullopt;
  return claims.error();
}

std::optional<JwtError> claims_error(std::string_view claims, Policy policy = hs256()) {
  return error_of(std::move(policy), hs256_token(claims));
}

struct Named {
  Algorithm algorithm;
  std::string_view token;
};

const Named kTokens[] = {
    {Algorithm::kHs256, test::kHs256Token},   {Algorithm::kHs384, test::kHs384Token},
    {Algorithm::kHs512, test::kHs512Token},   {Algorithm::kRs256, test::kRs256Token},
    {Algorithm::kRs384, test::kRs384Token},   {Algorithm::kRs512, test::kRs512Token},
    {Algorithm::kPs256, test::kPs256Token},   {Algorithm::kPs384, test::kPs384Token},
    {Algorithm::kPs512, test::kPs512Token},   {Algorithm::kEs256, test::kEs256Token},
    {Algorithm::kEs384, test::kEs384Token},   {Algorithm::kEs512, test::kEs512Token},
    {Algorithm::kEdDsa, test::kEd25519Token}, {Algorithm::kEdDsa, test::kEd448Token},
};

TEST(Verifier, AcceptsEachAlgorithmThatIsConfigured) {
  for (const Named& each : kTokens) {
    Verifier verifier(accepting({each.algorithm}), all_keys());
    const auto claims = verifier.verify(each.token, kNow);
    ASSERT_TRUE(claims.has_value()) << name_of(each.algorithm);
    EXPECT_EQ(*claims->object.find("sub")->as_string(), "7");
    EXPECT_EQ(claims->expires_at_s, kNow + 300);
    EXPECT_EQ(claims->issued_at_s, kNow);
    EXPECT_EQ(claims->not_before_s, std::nullopt);
  }
}

TEST(Verifier, RefusesEachAlgorithmThatIsNotConfigured) {  // RFC 8725 §3.1
  for (const Named& each : kTokens) {
    Policy others = hs256();
    others.algorithms.clear();
    for (const Algorithm algorithm : all_algorithms()) {
      if (algorithm != each.algorithm) others.algorithms.push_back(algorithm);
    }
    EXPECT_EQ(error_of(std::move(others), each.token), JwtError::kAlgorithm)
        << name_of(each.algorithm);
  }
}

TEST(Verifier, RefusesAChangedSignature) {
  for (const Named& each : kTokens) {
    std::string token(each.token);
    char& changed = token[token.size() - 20];
    changed = changed == 'A' ? 'B' : 'A';
    EXPECT_EQ(error_of(accepting({each.algorithm}), token), JwtError::kSignature)
        << name_of(each.algorithm);
  }
}

TEST(Verifier, RefusesANoneAlgorithm) {  // RFC 8725 §2.1, §3.2
  const std::string claims = encode(R"({"exp":1790000300})");
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":""})"}) {
    EXPECT_EQ(error_of(hs256(), encode(header) + "." + claims + "."), JwtError::kAlgorithm);
  }
  const std::string unsigned_token = encode(R"({"alg":"HS256"})") + "." + claims + ".";
  EXPECT_EQ(error_of(hs256(), unsigned_token), JwtError::kSignature);
}

TEST(Verifier, NeverTakesAPublicKeyForASecret) {  // RFC 8725 §2.1
  Verifier both({.algorithms = {Algorithm::kHs256, Algorithm::kRs256},
                 .secret = std::string(test::kSecret),
                 .issuer = {},
                 .audience = {},
                 .leeway_s = 0},
                *KeySet::from_pem(test::kRsaPem));
  EXPECT_EQ(both.verify(test::kConfusedToken, kNow).error(), JwtError::kSignature);
  EXPECT_TRUE(both.verify(test::kRs256Token, kNow).has_value());
  EXPECT_TRUE(both.verify(test::kHs256Token, kNow).has_value());

  Verifier only_rs(accepting({Algorithm::kRs256}), *KeySet::from_pem(test::kRsaPem));
  EXPECT_EQ(only_rs.verify(test::kConfusedToken, kNow).error(), JwtError::kAlgorithm);

  Policy without_secret = hs256();
  without_secret.secret.clear();
  Verifier no_secret(std::move(without_secret), *KeySet::from_pem(test::kRsaPem));
  EXPECT_EQ(no_secret.verify(test::kConfusedToken, kNow).error(), JwtError::kUnknownKey);
}

TEST(Verifier, LooksAKeyUpByItsIdOnly) {
  Verifier verifier(accepting({Algorithm::kRs256, Algorithm::kEs256}), all_keys());
  EXPECT_TRUE(verifier.verify(test::kRs256Token, kNow).has_value());
  const auto error_for = [&](std::string_view header) {
    return verifier.verify(encode(header) + "." + encode("{}") + ".AAAA", kNow).error();
  };
  EXPECT_EQ(error_for(R"({"alg":"RS256"})"), JwtError::kUnknownKey);
  EXPECT_EQ(error_for(R"({"alg":"RS256","kid":"other"})"), JwtError::kUnknownKey);
  EXPECT_EQ(error_for(R"({"alg":"RS256","kid":"p256"})"), JwtError::kUnknownKey);
  EXPECT_EQ(error_for(R"({"alg":"RS256","kid":"rsa"})"), JwtError::kSignature);
}

TEST(Verifier, IgnoresTheKeysThatATokenBrings) {  // RFC 8725 §3.10
  const std::string key = encode("attackers-key");
  const std::string input = encode(R"({"alg":"HS256","jwk":{"kty":"oct","k":")" + key +
                                   R"("},"jku":"http://127.0.0.1/"})") +
                            "." + encode("{}");
  const auto theirs =
      crypto::HmacKey::make(crypto::HashAlgorithm::kSha256, as_bytes("attackers-key"));
  EXPECT_EQ(error_of(hs256(), input + "." + base64url_encode(theirs.sign(as_bytes(input)).view())),
            JwtError::kSignature);
}

TEST(Verifier, RefusesCritAndEncryptedTokens) {
  EXPECT_EQ(error_of(hs256(), signed_with(R"({"alg":"HS256","crit":["x"],"x":1})", "{}")),
            JwtError::kUnsupported);
  EXPECT_EQ(error_of(hs256(), "a.b.c.d.e"), JwtError::kUnsupported);
}

TEST(Verifier, RefusesAPayloadThatIsNoObject) {
  for (const char* claims :
       {"", "[]", "null", R"("text")", "{", R"({"a":1}x)", R"({"a":1,"a":2})"}) {
    const bool is_empty = *claims == '\0';
    EXPECT_EQ(claims_error(claims), JwtError::kMalformed) << claims;
    if (!is_empty) {
      std::string broken = hs256_token(claims);
      broken.back() = broken.back() == 'A' ? 'B' : 'A';
      EXPECT_NE(error_of(hs256(), broken), std::nullopt);
    }
  }
}

TEST(Verifier, RefusesPaddingSpacesAndTheOtherAlphabet) {
  const std::string token = hs256_token(R"({"exp":1790000300})");
  EXPECT_EQ(error_of(hs256(), token), std::nullopt);
  EXPECT_EQ(error_of(hs256(), token + "="), JwtError::kMalformed);
  EXPECT_EQ(error_of(hs256(), token + "\n"), JwtError::kMalformed);
  EXPECT_EQ(error_of(hs256(), " " + token), JwtError::kMalformed);
  EXPECT_EQ(error_of(hs256(), token.substr(0, token.size() - 4) + "+/+/"), JwtError::kMalformed);
}

TEST(Verifier, RefusesATruncatedMac) {
  const std::string token = hs256_token("{}");
  const size_t dot = token.rfind('.');
  const std::string mac = *base64url_decode(token.substr(dot + 1));
  for (const size_t size : {0U, 1U, 16U, 31U}) {
    EXPECT_EQ(error_of(hs256(), token.substr(0, dot + 1) + encode(mac.substr(0, size))),
              JwtError::kSignature);
  }
}

TEST(Verifier, ATokenIsExpiredFromItsExpOn) {
  const std::string token = hs256_token(R"({"exp":1790000300})");
  EXPECT_EQ(error_of(hs256(), token, 1'790'000'299), std::nullopt);
  EXPECT_EQ(error_of(hs256(), token, 1'790'000'300), JwtError::kExpired);
  EXPECT_EQ(error_of(hs256(), token, 1'790'000'301), JwtError::kExpired);
}

TEST(Verifier, ATokenIsValidFromItsNbfOn) {
  const std::string token = hs256_token(R"({"nbf":1790000000})");
  EXPECT_EQ(error_of(hs256(), token, 1'789'999'999), JwtError::kNotYetValid);
  EXPECT_EQ(error_of(hs256(), token, 1'790'000'000), std::nullopt);
}

TEST(Verifier, ATokenIsNotIssuedInTheFuture) {
  const std::string token = hs256_token(R"({"iat":1790000000})");
  EXPECT_EQ(error_of(hs256(), token, 1'789'999'999), JwtError::kIssuedInFuture);
  EXPECT_EQ(error_of(hs256(), token, 1'790'000'000), std::nullopt);
}

TEST(Verifier, LeewayStretchesEveryTime) {
  Policy policy = hs256();
  policy.leeway_s = 10;
  const auto error_at = [&](std::string_view claims, int64_t now_s) {
    return error_of(policy, hs256_token(claims), now_s);
  };
  EXPECT_EQ(error_at(R"({"exp":1000})", 1009), std::nullopt);
  EXPECT_EQ(error_at(R"({"exp":1000})", 1010), JwtError::kExpired);
  EXPECT_EQ(error_at(R"({"nbf":1000})", 989), JwtError::kNotYetValid);
  EXPECT_EQ(error_at(R"({"nbf":1000})", 990), std::nullopt);
  EXPECT_EQ(error_at(R"({"iat":1000})", 989), JwtError::kIssuedInFuture);
  EXPECT_EQ(error_at(R"({"iat":1000})", 990), std::nullopt);
}

TEST(Verifier, TimesAreNumbersUntilTheYear9999) {
  Verifier verifier(hs256(), KeySet());
  EXPECT_EQ(verifier.verify(hs256_token(R"({"exp":1790000300.9})"), kNow)->expires_at_s,
            1'790'000'300);
  EXPECT_EQ(verifier.verify(hs256_token(R"({"exp":1.7900003e9})"), kNow)->expires_at_s,
            1'790'000'300);
  EXPECT_EQ(verifier.verify(hs256_token(R"({"exp":253402300799})"), kNow)->expires_at_s,
            253'402'300'799);
  EXPECT_EQ(claims_error(R"({"exp":253402300800})"), JwtError::kMalformed);
  EXPECT_EQ(claims_error(R"({"exp":1e300})"), JwtError::kMalformed);
  EXPECT_EQ(claims_error(R"({"exp":18446744073709551615})"), JwtError::kMalformed);
  EXPECT_EQ(claims_error(R"({"exp":-1e300})"), JwtError::kMalformed);
  EXPECT_EQ(claims_error(R"({"exp":-5})"), JwtError::kExpired);
  for (const char* wrong : {"\"1790000300\"", "null", "true", "[1790000300]", "{}"}) {
    for (const char* name : {"exp", "nbf", "iat"}) {
      const std::string claims = std::string("{\"") + name + "\":" + wrong + "}";
      EXPECT_EQ(claims_error(claims), JwtError::kMalformed) << claims;
    }
  }
}

TEST(Verifier, ATokenWithoutTimesPasses) {
  EXPECT_EQ(claims_error("{}"), std::nullopt);
}

TEST(Verifier, ChecksTheIssuerOnlyWhenConfigured) {
  Policy policy = hs256();
  policy.issuer = "me";
  EXPECT_EQ(claims_error(R"({"iss":"me"})", policy), std::nullopt);
  EXPECT_EQ(claims_error(R"({"iss":"you"})", policy), JwtError::kIssuer);
  EXPECT_EQ(claims_error(R"({"iss":["me"]})", policy), JwtError::kIssuer);
  EXPECT_EQ(claims_error("{}", policy), JwtError::kIssuer);
  EXPECT_EQ(claims_error(R"({"iss":"you"})"), std::nullopt);
}

TEST(Verifier, ChecksTheAudienceOnlyWhenConfigured) {  // RFC 7519 §4.1.3
  Policy policy = hs256();
  policy.audience = "ws";
  EXPECT_EQ(claims_error(R"({"aud":"ws"})", policy), std::nullopt);
  EXPECT_EQ(claims_error(R"({"aud":["api","ws"]})", policy), std::nullopt);
  EXPECT_EQ(claims_error(R"({"aud":"api"})", policy), JwtError::kAudience);
  EXPECT_EQ(claims_error(R"({"aud":["api"]})", policy), JwtError::kAudience);
  EXPECT_EQ(claims_error(R"({"aud":[]})", policy), JwtError::kAudience);
  EXPECT_EQ(claims_error(R"({"aud":["ws",7]})", policy), JwtError::kAudience);
  EXPECT_EQ(claims_error(R"({"aud":7})", policy), JwtError::kAudience);
  EXPECT_EQ(claims_error("{}", policy), JwtError::kAudience);
  EXPECT_EQ(claims_error(R"({"aud":"api"})"), std::nullopt);
}

TEST(Verifier, ChecksInOrder) {
  Policy policy = hs256();
  policy.issuer = "me";
  policy.audience = "ws";
  const auto error_with = [&](std::string_view claims) { return claims_error(claims, policy); };
  EXPECT_EQ(error_with(R"({"exp":1,"nbf":1900000000,"iat":1900000000})"), JwtError::kExpired);
  EXPECT_EQ(error_with(R"({"nbf":1900000000,"iat":1900000000})"), JwtError::kNotYetValid);
  EXPECT_EQ(error_with(R"({"iat":1900000000})"), JwtError::kIssuedInFuture);
  EXPECT_EQ(error_with("{}"), JwtError::kAudience);
  EXPECT_EQ(error_with(R"({"aud":"ws"})"), JwtError::kIssuer);
  // The claims of a forged token are not looked at.
  std::string forged = hs256_token(R"({"exp":1})");
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(error_of(policy, forged), JwtError::kSignature);
}

TEST(Verifier, AKnownHeaderIsStillCheckedAgainstEachSignature) {
  Verifier verifier(hs256(), KeySet());
  const std::string token = hs256_token("{}");
  EXPECT_TRUE(verifier.verify(token, kNow).has_value());
  std::string forged = hs256_token(R"({"a":1})");
  forged.replace(forged.rfind('.'), std::string::npos, token.substr(token.rfind('.')));
  EXPECT_EQ(verifier.verify(forged, kNow).error(), JwtError::kSignature);
  EXPECT_EQ(verifier.verify(signed_with(R"({"alg":"none"})", "{}"), kNow).error(),
            JwtError::kAlgorithm);
  EXPECT_TRUE(verifier.verify(token, kNow).has_value());
}

// RFC 7515 appendix A.1, the key from its JWK.
TEST(Verifier, AcceptsTheTokenOfRfc7515A1) {
  Policy policy = hs256();
  policy.secret = *base64url_decode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const std::string_view token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
      "cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_EQ(error_of(policy, token, 1'300'819'379), std::nullopt);
  EXPECT_EQ(error_of(policy, token, 1'300'819'380), JwtError::kExpired);
}

// RFC 7515 appendix A.3; its key has no kid, so one is given to it and to nothing else.
TEST(Verifier, AcceptsTheTokenOfRfc7515A3) {
  const auto keys = KeySet::from_jwk_set(R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a3",)"
                                         R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                         R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})");
  ASSERT_TRUE(keys.has_value());
  const VerificationKey* key = keys->find("a3", Algorithm::kEs256);
  ASSERT_NE(key, nullptr);
  const std::string_view input =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
      "cnVlfQ";
  const std::string signature = *base64url_decode(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(
      key->key.verify(crypto::SignatureAlgorithm::kEs256, as_bytes(input), as_bytes(signature)));
}

}  // namespace
}  // namespace carillon::jwt
