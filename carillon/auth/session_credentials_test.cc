#include "carillon/auth/session_credentials.h"

#include <gtest/gtest.h>

#include <vector>

namespace carillon::auth {
namespace {

const std::vector<std::string> kCookies = {"sessionid"};

std::optional<SessionCredentials> find(std::vector<http::Header> headers) {
  http::Request request;
  request.headers = std::move(headers);
  return find_session_credentials(request, kCookies);
}

TEST(SessionCredentials, AreTheConfiguredCookiesAlone) {
  const auto found = find({{"Cookie", "csrftoken=x; sessionid=abc"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cookies, "sessionid=abc");
  EXPECT_EQ(found->authorization, "");
}

TEST(SessionCredentials, AreAnAuthorizationBeforeAnyCookie) {
  const auto found = find({{"Cookie", "sessionid=abc"}, {"authorization", "Token 0123"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->authorization, "Token 0123");
  EXPECT_EQ(found->cookies, "");
}

TEST(SessionCredentials, AreNoneWithoutEither) {
  EXPECT_FALSE(find({}));
  EXPECT_FALSE(find({{"Cookie", "csrftoken=x"}}));
  EXPECT_FALSE(find({{"Authorization", ""}, {"Cookie", "sessionid=abc"}}));
}

TEST(SessionCredentials, LeaveOurApiKeysAndDoubtfulOnesHere) {
  EXPECT_FALSE(find({{"Authorization", "Api-Key k"}, {"Cookie", "sessionid=abc"}}));
  EXPECT_FALSE(find({{"Authorization", "Token a"}, {"Authorization", "Token b"}}));
}

}  // namespace
}  // namespace carillon::auth
