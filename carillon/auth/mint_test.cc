#include "carillon/auth/mint.h"

#include <gtest/gtest.h>

#include "carillon/base/base64.h"

namespace carillon::auth {
namespace {

config::AuthSettings settings() {
  config::AuthSettings settings;
  settings.secret_key = Secret("test-secret-key-0123456789abcdef0123");
  return settings;
}

std::string part(const std::string& token, int index) {
  const size_t first = token.find('.');
  const size_t second = token.find('.', first + 1);
  return *base64url_decode(index == 0 ? token.substr(0, first)
                                      : token.substr(first + 1, second - first - 1));
}

// The claims with the random id cut out.
std::string claims_of(const std::string& token) {
  std::string claims = part(token, 1);
  const size_t jti = claims.find(R"("jti":")") + 7;
  EXPECT_EQ(claims.find('"', jti), jti + 32);
  for (size_t i = jti; i < jti + 32; ++i) EXPECT_TRUE(std::isxdigit(claims[i]));
  return claims.erase(jti, 32);
}

TEST(Mint, HasSimplejwtsHeaderClaimsAndOrder) {
  const std::string token = mint_token(settings(), {.user_id = "7", .role = {}, .now_s = 1000});
  EXPECT_EQ(part(token, 0), R"({"alg":"HS256","typ":"JWT"})");
  EXPECT_EQ(claims_of(token),
            R"({"token_type":"access","exp":1300,"iat":1000,"jti":"","user_id":"7"})");
}

TEST(Mint, AddsWhatIsAskedForAndConfigured) {
  config::AuthSettings configured = settings();
  configured.algorithms = {"RS256", "HS512"};
  configured.audience = "ws";
  configured.issuer = "me";
  configured.user_id_claim = "sub";
  const std::string token = mint_token(
      configured,
      {.user_id = "a\"b", .role = "mentor", .is_staff = true, .ttl_s = 60, .now_s = 1000});
  EXPECT_EQ(part(token, 0), R"({"alg":"HS512","typ":"JWT"})");
  EXPECT_EQ(claims_of(token),
            R"({"token_type":"access","exp":1060,"iat":1000,"jti":"","sub":"a\"b",)"
            R"("role":"mentor","is_staff":true,"aud":"ws","iss":"me"})");
}

TEST(Mint, EveryTokenHasItsOwnId) {
  const MintRequest request{.user_id = "7", .role = {}};
  EXPECT_NE(mint_token(settings(), request), mint_token(settings(), request));
}

TEST(Mint, NeedsASharedSecret) {
  config::AuthSettings no_hs = settings();
  no_hs.algorithms = {"RS256", "nonsense"};
  EXPECT_EQ(mint_token(no_hs, {.user_id = "7", .role = {}}), "");
  EXPECT_EQ(mint_token(config::AuthSettings{}, {.user_id = "7", .role = {}}), "");
}

}  // namespace
}  // namespace carillon::auth
