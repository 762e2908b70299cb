#include "carillon/auth/authenticator.h"

#include <gtest/gtest.h>

#include "carillon/auth/captured_test.h"
#include "carillon/auth/mint.h"
#include "carillon/jwt/signer.h"

namespace carillon::auth {
namespace {

// An authenticator with the secret of the captured tokens, at the moment they were issued.
class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() {
    settings_.secret_key = Secret(std::string(test::kCapturedSecret));
    set_now(test::kCapturedAt);
  }

  void set_now(int64_t now_s) { clock_.set_wall_ms(now_s * 1000); }

  Authenticator& authenticator() {
    if (!authenticator_) {
      auto made = Authenticator::make(settings_, clock_);
      EXPECT_TRUE(made.has_value());
      authenticator_ = *std::move(made);
    }
    return *authenticator_;
  }

  std::optional<AuthError> error_of(std::string_view token) {
    const auto identity = authenticator().authenticate(token);
    if (identity) return std::nullopt;
    return identity.error();
  }

  static std::string token(std::string_view claims) {
    return jwt::sign_hs256(test::kCapturedSecret, claims);
  }

  std::optional<AuthError> claims_error(std::string_view claims) { return error_of(token(claims)); }

  config::AuthSettings settings_;
  FakeClock clock_;
  std::unique_ptr<Authenticator> authenticator_;
};

// The claims of a good access token; `rest` comes first, with its comma.
std::string claims(const std::string& rest) {
  return "{" + rest + R"("token_type":"access","exp":1795374597,"jti":"x","user_id":7})";
}

TEST_F(AuthenticatorTest, AcceptsCapturedAccessTokens) {
  for (const test::Captured& captured : {test::kIntegerUser, test::kTextUser, test::kWithParties}) {
    const auto identity = authenticator().authenticate(captured.access);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->user_id, "7");
    EXPECT_EQ(identity->expires_at_s, test::kCapturedAt + 300);
    EXPECT_FALSE(identity->is_role_known);
    EXPECT_FALSE(identity->is_staff);
  }
}

TEST_F(AuthenticatorTest, RefusesCapturedTokensOfOtherTypes) {
  for (const test::Captured& captured : {test::kIntegerUser, test::kTextUser, test::kWithParties}) {
    EXPECT_EQ(error_of(captured.refresh), AuthError::kWrongType);
    EXPECT_EQ(error_of(captured.sliding), AuthError::kWrongType);
  }
}

TEST_F(AuthenticatorTest, AcceptsTheTypesThatAreConfigured) {
  settings_.token_types = {"access", "sliding"};
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(error_of(test::kTextUser.sliding), std::nullopt);
  EXPECT_EQ(error_of(test::kTextUser.refresh), AuthError::kWrongType);
}

TEST_F(AuthenticatorTest, ChecksIssuerAndAudienceWhenConfigured) {
  settings_.issuer = "me";
  settings_.audience = "ws";
  EXPECT_EQ(error_of(test::kWithParties.access), std::nullopt);
  EXPECT_EQ(error_of(test::kTextUser.access), AuthError::kAudience);
  EXPECT_EQ(claims_error(claims(R"("aud":"ws","iss":"you",)")), AuthError::kIssuer);
}

TEST_F(AuthenticatorTest, ExpiresAtExpWithoutAndWithTheCache) {
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  set_now(test::kCapturedAt + 299);
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(error_of(test::kIntegerUser.access), std::nullopt);
  set_now(test::kCapturedAt + 300);
  EXPECT_EQ(error_of(test::kTextUser.access), AuthError::kExpired);
  EXPECT_EQ(error_of(test::kTextUser.access), AuthError::kExpired);
  EXPECT_EQ(error_of(test::kWithParties.access), AuthError::kExpired);
}

TEST_F(AuthenticatorTest, LeewayHoldsWithTheCacheToo) {
  settings_.leeway_s = 10;
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  set_now(test::kCapturedAt + 309);
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  set_now(test::kCapturedAt + 310);
  EXPECT_EQ(error_of(test::kTextUser.access), AuthError::kExpired);
}

TEST_F(AuthenticatorTest, NotBeforeIsCheckedAtEachHit) {
  const std::string early = token(claims(R"("nbf":1795374297,)"));
  EXPECT_EQ(error_of(early), std::nullopt);
  set_now(test::kCapturedAt - 1);
  EXPECT_EQ(error_of(early), AuthError::kNotYetValid);
  set_now(test::kCapturedAt);
  EXPECT_EQ(error_of(early), std::nullopt);
  EXPECT_EQ(authenticator().cache_hits(), 2U);
}

TEST_F(AuthenticatorTest, CountsHitsAndMisses) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(authenticator().cache_misses(), 1U);
  EXPECT_EQ(authenticator().cache_hits(), 2U);
}

TEST_F(AuthenticatorTest, KeepsNoRefusedToken) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(error_of(test::kTextUser.refresh), AuthError::kWrongType);
  EXPECT_EQ(authenticator().cache_hits(), 0U);
}

TEST_F(AuthenticatorTest, ATokenThatDiffersInOneCharacterIsAnother) {
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  std::string forged(test::kTextUser.access);
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(error_of(forged), AuthError::kSignature);
}

TEST_F(AuthenticatorTest, TheCacheIsBoundedAndCanBeOff) {
  settings_.token_cache_max = 1;
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(error_of(test::kIntegerUser.access), std::nullopt);
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(authenticator().cache_hits(), 0U);

  authenticator_.reset();
  settings_.token_cache_max = 0;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(authenticator().cache_hits(), 0U);
}

TEST_F(AuthenticatorTest, ACachedIdentityHasItsRoles) {
  const std::string mentor = token(claims(R"("role":"mentor","is_staff":1,)"));
  for (int i = 0; i < 2; ++i) {
    const auto identity = authenticator().authenticate(mentor);
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->roles, kMentor);
    EXPECT_TRUE(identity->is_role_known);
    EXPECT_EQ(identity->expires_at_s, 1'795'374'597);
  }
  EXPECT_EQ(authenticator().cache_hits(), 1U);
  EXPECT_EQ(authenticator().ignored_claims(), 1U);
}

TEST_F(AuthenticatorTest, ATokenHasASizeLimit) {
  settings_.token_bytes_max = static_cast<uint32_t>(test::kTextUser.access.size());
  EXPECT_EQ(error_of(test::kTextUser.access), std::nullopt);
  EXPECT_EQ(error_of(std::string(test::kTextUser.access) + "x"), AuthError::kTooLarge);
  EXPECT_EQ(error_of(std::string(1 << 20, 'x')), AuthError::kTooLarge);
}

TEST_F(AuthenticatorTest, AnEmptyTokenIsNone) {
  EXPECT_EQ(error_of(""), AuthError::kMissing);
}

TEST_F(AuthenticatorTest, RequiresWhatSimplejwtRequiresInItsOrder) {
  EXPECT_EQ(claims_error(R"({})"), AuthError::kNoExpiry);
  EXPECT_EQ(claims_error(R"({"exp":1795374597})"), AuthError::kNoId);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"jti":"x"})"), AuthError::kNoType);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"jti":"x","token_type":"refresh"})"),
            AuthError::kWrongType);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"jti":"x","token_type":7})"), AuthError::kWrongType);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"jti":"x","token_type":"access"})"),
            AuthError::kNoUser);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"jti":"x","token_type":"access","user_id":"a b"})"),
            AuthError::kBadUser);
  EXPECT_EQ(claims_error(R"({"exp":1,"user_id":"a b"})"), AuthError::kExpired);
}

TEST_F(AuthenticatorTest, IdAndTypeCanBeLeftOutForOtherIssuers) {
  settings_.require_jti = false;
  settings_.require_token_type = false;
  settings_.user_id_claim = "sub";
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"sub":"auth0-7"})"), std::nullopt);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"sub":7})"), std::nullopt);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"sub":7,"token_type":"refresh"})"), std::nullopt);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"user_id":7})"), AuthError::kNoUser);
  EXPECT_EQ(claims_error(R"({"sub":"7"})"), AuthError::kNoExpiry);
}

TEST_F(AuthenticatorTest, IdAndSubjectAreTexts) {  // RFC 7519 §4.1.2, §4.1.7
  EXPECT_EQ(claims_error(claims(R"("sub":"7",)")), std::nullopt);
  EXPECT_EQ(claims_error(claims(R"("sub":7,)")), AuthError::kMalformed);
  EXPECT_EQ(claims_error(R"({"exp":1795374597,"jti":7,"token_type":"access","user_id":7})"),
            AuthError::kMalformed);
}

TEST_F(AuthenticatorTest, TellsWhyTheSignaturePartFails) {
  EXPECT_EQ(error_of("nonsense"), AuthError::kMalformed);
  EXPECT_EQ(error_of("a.b.c.d.e"), AuthError::kUnsupported);
  EXPECT_EQ(error_of("eyJhbGciOiJub25lIn0.e30."), AuthError::kAlgorithm);
  EXPECT_EQ(error_of(jwt::sign_hs256("another secret", claims(""))), AuthError::kSignature);
  EXPECT_EQ(error_of(jwt::sign_hs(crypto::HashAlgorithm::kSha512, test::kCapturedSecret, "{}")),
            AuthError::kAlgorithm);
  EXPECT_EQ(claims_error(claims(R"("nbf":1795374298,)")), AuthError::kNotYetValid);
  EXPECT_EQ(claims_error(claims(R"("iat":1795374298,)")), AuthError::kIssuedInFuture);
}

TEST_F(AuthenticatorTest, AcceptsWhatItMints) {
  settings_.algorithms = {"HS512"};
  settings_.issuer = "me";
  settings_.audience = "ws";
  const std::string minted = mint_token(
      settings_,
      {.user_id = "dana", .role = "student", .is_staff = true, .now_s = test::kCapturedAt});
  const auto identity = authenticator().authenticate(minted);
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->user_id, "dana");
  EXPECT_EQ(identity->roles, kStudent);
  EXPECT_TRUE(identity->is_staff);
}

TEST_F(AuthenticatorTest, TakesTheTokenFromARequest) {
  http::Request request;
  EXPECT_EQ(authenticator().authenticate(request).error(), AuthError::kMissing);
  const std::string header = "Bearer " + std::string(test::kTextUser.access);
  request.headers.push_back({"Authorization", header});
  EXPECT_EQ(authenticator().authenticate(request)->user_id, "7");
}

}  // namespace
}  // namespace carillon::auth
