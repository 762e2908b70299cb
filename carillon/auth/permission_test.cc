#include "carillon/auth/permission.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

using Words = std::vector<std::string>;

Identity user(std::string id) {
  return {.user_id = std::move(id)};
}

Identity with_role(std::string id, uint8_t roles) {
  Identity identity = user(std::move(id));
  identity.roles = roles;
  identity.is_role_known = true;
  identity.is_staff = (roles & kAdmin) != 0;
  return identity;
}

Identity staff(std::string id) {
  Identity identity = user(std::move(id));
  identity.is_staff = true;
  return identity;
}

// Whether `allow` admits `identity` to a path whose {id} is "7".
bool allows(const Words& allow, const Identity& identity) {
  return Permission::parse(allow)->allows(identity, {"id"}, {"7"});
}

TEST(Permission, AuthenticatedAdmitsAnybody) {
  EXPECT_TRUE(allows({"authenticated"}, user("1")));
  EXPECT_TRUE(allows({"authenticated"}, with_role("1", 0)));
}

TEST(Permission, StaffAdmitsStaffOnly) {
  EXPECT_TRUE(allows({"staff"}, staff("1")));
  EXPECT_TRUE(allows({"staff"}, with_role("1", kAdmin)));
  EXPECT_FALSE(allows({"staff"}, with_role("1", kMentor | kStudent)));
  EXPECT_FALSE(allows({"staff"}, user("7")));
}

TEST(Permission, ARoleAdmitsThatRoleOnly) {
  EXPECT_TRUE(allows({"mentor"}, with_role("1", kMentor)));
  EXPECT_TRUE(allows({"mentor"}, with_role("1", kMentor | kStudent)));
  EXPECT_FALSE(allows({"mentor"}, with_role("1", kStudent)));
  EXPECT_FALSE(allows({"mentor"}, with_role("1", kAdmin)));
  EXPECT_FALSE(allows({"mentor"}, user("1")));
  EXPECT_TRUE(allows({"student"}, with_role("1", kStudent)));
  EXPECT_FALSE(allows({"student"}, with_role("1", kMentor)));
}

TEST(Permission, AnIdMatchAloneOpensWhenNoRoleIsKnown) {
  EXPECT_TRUE(allows({"student:id"}, user("7")));
  EXPECT_FALSE(allows({"student:id"}, user("8")));
  EXPECT_FALSE(allows({"student:id"}, user("07")));
  EXPECT_TRUE(allows({"mentor:id"}, user("7")));
}

TEST(Permission, ARoleThatIsKnownAndWrongIsRefusedEvenWhenTheIdMatches) {
  EXPECT_TRUE(allows({"student:id"}, with_role("7", kStudent)));
  EXPECT_FALSE(allows({"student:id"}, with_role("7", kMentor)));
  EXPECT_FALSE(allows({"student:id"}, with_role("7", 0)));
  EXPECT_FALSE(allows({"mentor:id"}, with_role("7", kStudent)));
  EXPECT_FALSE(allows({"mentor:id"}, with_role("8", kMentor)));
  EXPECT_TRUE(allows({"mentor:id"}, with_role("7", kMentor | kStudent)));
}

TEST(Permission, SelfAsksForNoRole) {
  EXPECT_TRUE(allows({"self:id"}, with_role("7", kMentor)));
  EXPECT_TRUE(allows({"self:id"}, user("7")));
  EXPECT_FALSE(allows({"self:id"}, staff("8")));
}

TEST(Permission, OneAlternativeIsEnough) {
  const Words allow = {"student:id", "staff"};
  EXPECT_TRUE(allows(allow, staff("1")));
  EXPECT_TRUE(allows(allow, user("7")));
  EXPECT_FALSE(allows(allow, user("1")));
  EXPECT_FALSE(allows(allow, with_role("1", kMentor)));
}

TEST(Permission, AParameterIsFoundByItsName) {
  const auto permission = Permission::parse({"self:user"});
  EXPECT_TRUE(permission->allows(user("b"), {"team", "user"}, {"a", "b"}));
  EXPECT_FALSE(permission->allows(user("a"), {"team", "user"}, {"a", "b"}));
  EXPECT_FALSE(permission->allows(user("b"), {"team", "id"}, {"a", "b"}));
  EXPECT_FALSE(permission->allows(user("b"), {"team", "user"}, {"a"}));
  EXPECT_FALSE(permission->allows(user(""), {}, {}));
}

TEST(Permission, NeedsARoleWhenOneCanChangeTheAnswer) {
  const auto needs_role = [](const Words& allow) { return Permission::parse(allow)->needs_role(); };
  EXPECT_FALSE(needs_role({"authenticated"}));
  EXPECT_FALSE(needs_role({"self:id"}));
  EXPECT_FALSE(needs_role({"authenticated", "staff"}));
  EXPECT_TRUE(needs_role({"staff"}));
  EXPECT_TRUE(needs_role({"mentor"}));
  EXPECT_TRUE(needs_role({"student:id"}));
  EXPECT_TRUE(needs_role({"self:id", "staff"}));
}

TEST(Permission, ARefusalTellsWhenARoleIsMissing) {
  const auto body = [](const Words& allow, const Identity& identity) {
    const http::Response response = permission_problem(*Permission::parse(allow), identity);
    EXPECT_EQ(response.status, 403);
    return response.body;
  };
  const std::string plain = R"({"detail":"You do not have permission to perform this action.",)"
                            R"("code":"permission_denied"})";
  EXPECT_EQ(body({"staff"}, with_role("7", kStudent)), plain);
  EXPECT_EQ(body({"self:id"}, user("8")), plain);
  EXPECT_NE(body({"staff"}, user("7")).find("auth.directory"), std::string::npos);
}

TEST(Permission, RefusesOtherWordsByName) {
  for (const char* word : {"", "Staff", "admin", "anybody", "staff:id", "mentor:", ":id", "self"}) {
    const auto permission = Permission::parse({"staff", word});
    ASSERT_FALSE(permission.has_value()) << word;
    EXPECT_NE(permission.error().what.find("\"" + std::string(word) + "\""), std::string::npos);
  }
  EXPECT_FALSE(Permission::parse({}).has_value());
}

}  // namespace
}  // namespace carillon::auth
