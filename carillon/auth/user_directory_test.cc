#include "carillon/auth/user_directory.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

TEST(ClaimsDirectory, AsksNobodyAndGrantsNothing) {
  ClaimsDirectory directory;
  EXPECT_FALSE(directory.must_look_up(Identity{}));
  int call_count = 0;
  directory.look_up("7", [&](Result<UserRights, AuthError> rights) {
    ++call_count;
    ASSERT_TRUE(rights.has_value());
    EXPECT_FALSE(rights->is_staff);
    EXPECT_FALSE(rights->is_role_known);
    EXPECT_EQ(rights->roles, 0);
  });
  EXPECT_EQ(call_count, 1);
}

TEST(LacksRole, WhenTheTokenSaysNeitherStaffNorRole) {
  EXPECT_TRUE(lacks_role({.user_id = "7"}));
  EXPECT_FALSE(lacks_role({.user_id = "7", .is_staff = true}));
  EXPECT_FALSE(lacks_role({.user_id = "7", .is_role_known = true}));
}

}  // namespace
}  // namespace carillon::auth
