#include "cmd/token_view.h"

#include <gtest/gtest.h>

#include "carillon/auth/mint.h"

namespace carillon::cmd {
namespace {

TEST(TokenView, ReadsWhatMintWrites) {
  config::AuthSettings auth;
  auth.secret_key = Secret("a secret for this test");
  const std::string token = auth::mint_token(
      auth, {.user_id = "7", .role = "student", .is_staff = false, .ttl_s = 60, .now_s = 1'000});
  const auto view = read_token(token);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->text("user_id"), "7");
  EXPECT_EQ(view->text("role"), "student");
  EXPECT_EQ(view->text("nothing"), "");
  EXPECT_EQ(view->time("exp"), 1'060);
  EXPECT_EQ(view->time("role"), std::nullopt);
  EXPECT_EQ(*view->header.find("alg")->as_string(), "HS256");
}

TEST(TokenView, SaysWhatIsWrongWithoutQuotingIt) {
  for (const char* token : {"", "x", "a.b", "a.b.c", "e30.x.y", "....", "e30.W10.x"}) {
    const auto view = read_token(token);
    ASSERT_FALSE(view.has_value()) << token;
    EXPECT_EQ(view.error().what.rfind("token: ", 0), 0U);
  }
}

}  // namespace
}  // namespace carillon::cmd
