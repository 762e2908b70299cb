#include "carillon/auth/token_source.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

http::Request request(std::string_view query, std::string_view authorization = "") {
  http::Request request;
  request.query = query;
  if (!authorization.empty()) request.headers.push_back({"authorization", authorization});
  return request;
}

TEST(FindToken, TheQueryComesFirst) {
  EXPECT_EQ(*find_token(request("token=abc")), "abc");
  EXPECT_EQ(*find_token(request("a=1&token=abc&b=2", "Bearer xyz")), "abc");
  EXPECT_EQ(*find_token(request("token=a%2Eb.c")), "a.b.c");
  EXPECT_EQ(*find_token(request("token=abc", "Basic Zm9v")), "abc");
}

TEST(FindToken, ThenTheHeader) {
  EXPECT_EQ(*find_token(request("", "Bearer abc")), "abc");
  EXPECT_EQ(*find_token(request("token=", "Bearer abc")), "abc");
  EXPECT_EQ(*find_token(request("tokens=1", "Bearer abc")), "abc");
  EXPECT_EQ(*find_token(request("", "  Bearer \t abc  ")), "abc");
}

TEST(FindToken, AnotherSchemeIsNoCredential) {
  for (const char* header :
       {"bearer abc", "BEARER abc", "Basic abc", "Token abc", "Bearerabc", "Api-Key abc", " "}) {
    const auto token = find_token(request("", header));
    ASSERT_FALSE(token.has_value()) << header;
    EXPECT_EQ(token.error(), AuthError::kMissing) << header;
  }
  EXPECT_EQ(find_token(request("")).error(), AuthError::kMissing);
  EXPECT_EQ(find_token(request("token=")).error(), AuthError::kMissing);
}

TEST(FindToken, BearerNeedsExactlyOneToken) {
  for (const char* header : {"Bearer", "Bearer ", "Bearer a b", "Bearer a b c"}) {
    const auto token = find_token(request("", header));
    ASSERT_FALSE(token.has_value()) << header;
    EXPECT_EQ(token.error(), AuthError::kBadHeader) << header;
  }
}

TEST(TokenOf, TellsOnlyATokenFromNone) {
  EXPECT_EQ(token_of(request("token=abc")), "abc");
  EXPECT_EQ(token_of(request("", "Bearer abc")), "abc");
  EXPECT_EQ(token_of(request("", "Bearer")), std::nullopt);
  EXPECT_EQ(token_of(request("")), std::nullopt);
}

TEST(ApiKeyOf, TakesTheHeaderAlone) {
  EXPECT_EQ(api_key_of(request("", "Api-Key k1")), "k1");
  EXPECT_EQ(api_key_of(request("", "Api-Key k1 k2")), std::nullopt);
  EXPECT_EQ(api_key_of(request("", "Api-Key")), std::nullopt);
  EXPECT_EQ(api_key_of(request("", "Bearer k1")), std::nullopt);
  EXPECT_EQ(api_key_of(request("token=k1")), std::nullopt);
}

}  // namespace
}  // namespace carillon::auth
