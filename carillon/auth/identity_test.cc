#include "carillon/auth/identity.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

TEST(UserId, IsOneTo64OfTheAllowedCharacters) {
  EXPECT_TRUE(is_valid_user_id("7"));
  EXPECT_TRUE(is_valid_user_id("-1"));
  EXPECT_TRUE(is_valid_user_id("Dana_K.-9"));
  EXPECT_TRUE(is_valid_user_id("22c6f1cc-c63a-47e4-8d00-fdf2f8a62891"));
  EXPECT_TRUE(is_valid_user_id(std::string(64, 'z')));
  EXPECT_FALSE(is_valid_user_id(std::string(65, 'z')));
  EXPECT_FALSE(is_valid_user_id(""));
  for (const char* text : {"a b", "a/b", "a@b", "a:b", "a{b", "a`b", "a[b", "\xc3\xa9", "a\n"}) {
    EXPECT_FALSE(is_valid_user_id(text)) << text;
  }
  EXPECT_FALSE(is_valid_user_id({"a\0b", 3}));
}

}  // namespace
}  // namespace carillon::auth
