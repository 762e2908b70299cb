#include "carillon/auth/identity_claims.h"

#include <gtest/gtest.h>

#include "carillon/json/reader.h"

namespace carillon::auth {
namespace {

Result<Identity, AuthError> read(const std::string& claims, uint64_t* ignored = nullptr) {
  uint64_t count = 0;
  auto identity = read_identity(*json::parse(claims), "user_id", count);
  if (ignored != nullptr) *ignored = count;
  return identity;
}

// The identity of user 7 with the further claims `extra`.
Identity with(const std::string& extra, uint64_t ignored_expected = 0) {
  uint64_t ignored = 0;
  const auto identity = read(R"({"user_id":7,)" + extra + "}", &ignored);
  EXPECT_TRUE(identity.has_value()) << extra;
  EXPECT_EQ(ignored, ignored_expected) << extra;
  return *identity;
}

TEST(IdentityClaims, AUserIdIsAnIntegerOrAText) {
  EXPECT_EQ(read(R"({"user_id":7})")->user_id, "7");
  EXPECT_EQ(read(R"({"user_id":"7"})")->user_id, "7");
  EXPECT_EQ(read(R"({"user_id":"07"})")->user_id, "07");
  EXPECT_EQ(read(R"({"user_id":-1})")->user_id, "-1");
  EXPECT_EQ(read(R"({"user_id":0})")->user_id, "0");
  EXPECT_EQ(read(R"({"user_id":9223372036854775807})")->user_id, "9223372036854775807");
  EXPECT_EQ(read(R"({"user_id":18446744073709551615})")->user_id, "18446744073709551615");
  EXPECT_EQ(read(R"({"user_id":"22c6f1cc-c63a-47e4-8d00-fdf2f8a62891"})")->user_id,
            "22c6f1cc-c63a-47e4-8d00-fdf2f8a62891");
}

TEST(IdentityClaims, AnyOtherUserIdIsBad) {
  for (const char* id : {"7.0", "7.5", "7e0", "18446744073709551616", "true", "null", "[7]", "{}",
                         R"("")", R"("a b")", R"("a/b")", R"("\u00e9")", R"("a\u0000b")"}) {
    const auto identity = read(std::string(R"({"user_id":)") + id + "}");
    ASSERT_FALSE(identity.has_value()) << id;
    EXPECT_EQ(identity.error(), AuthError::kBadUser) << id;
  }
  EXPECT_TRUE(read(R"({"user_id":")" + std::string(64, 'a') + R"("})").has_value());
  EXPECT_FALSE(read(R"({"user_id":")" + std::string(65, 'a') + R"("})").has_value());
  EXPECT_EQ(read(R"({"sub":"7"})").error(), AuthError::kNoUser);
}

TEST(IdentityClaims, APlainTokenHasNoKnownRole) {
  const Identity identity = with(R"("jti":"x")");
  EXPECT_FALSE(identity.is_role_known);
  EXPECT_FALSE(identity.is_staff);
  EXPECT_EQ(identity.roles, 0);
}

TEST(IdentityClaims, EitherFlagMakesStaffButNoRoleKnown) {
  EXPECT_TRUE(with(R"("is_staff":true)").is_staff);
  EXPECT_TRUE(with(R"("is_superuser":true)").is_staff);
  EXPECT_TRUE(with(R"("is_staff":false,"is_superuser":true)").is_staff);
  EXPECT_FALSE(with(R"("is_staff":false,"is_superuser":false)").is_staff);
  EXPECT_FALSE(with(R"("is_staff":true)").is_role_known);
}

TEST(IdentityClaims, ARoleIsOneOfThree) {
  EXPECT_EQ(with(R"("role":"student")").roles, kStudent);
  EXPECT_EQ(with(R"("role":"mentor")").roles, kMentor);
  EXPECT_EQ(with(R"("role":"admin")").roles, kAdmin);
  EXPECT_TRUE(with(R"("role":"admin")").is_staff);
  EXPECT_FALSE(with(R"("role":"mentor")").is_staff);
  EXPECT_TRUE(with(R"("role":"student")").is_role_known);
}

TEST(IdentityClaims, AnotherRoleIsKnownAndGrantsNothing) {
  for (const char* role : {"teacher", "Admin", "MENTOR", "student "}) {
    const Identity identity = with(std::string(R"("role":")") + role + "\"");
    EXPECT_EQ(identity.roles, 0) << role;
    EXPECT_FALSE(identity.is_staff) << role;
    EXPECT_TRUE(identity.is_role_known) << role;
  }
  EXPECT_FALSE(with(R"("role":"")").is_role_known);
}

TEST(IdentityClaims, AListGrantsTheUnion) {
  const Identity both = with(R"("roles":["student","mentor"])");
  EXPECT_EQ(both.roles, kStudent | kMentor);
  EXPECT_FALSE(both.is_staff);
  EXPECT_TRUE(with(R"("roles":["student","admin"])").is_staff);
  EXPECT_EQ(with(R"("role":"mentor","roles":["student"])").roles, kStudent | kMentor);
  EXPECT_TRUE(with(R"("roles":[])").is_role_known);
  EXPECT_EQ(with(R"("roles":[])").roles, 0);
}

TEST(IdentityClaims, AnotherJsonTypeIsIgnoredAndCounted) {
  for (const char* value : {"1", "\"true\"", "null", "[true]", "{}"}) {
    EXPECT_FALSE(with(std::string(R"("is_staff":)") + value, 1).is_staff) << value;
    EXPECT_FALSE(with(std::string(R"("is_superuser":)") + value, 1).is_staff) << value;
  }
  for (const char* value : {"1", "true", "null", R"(["admin"])", R"({"admin":true})"}) {
    const Identity identity = with(std::string(R"("role":)") + value, 1);
    EXPECT_EQ(identity.roles, 0) << value;
    EXPECT_FALSE(identity.is_role_known) << value;
  }
  for (const char* value : {"1", "true", "null", R"("admin")", R"({"admin":true})"}) {
    const Identity identity = with(std::string(R"("roles":)") + value, 1);
    EXPECT_EQ(identity.roles, 0) << value;
    EXPECT_FALSE(identity.is_role_known) << value;
  }
  EXPECT_EQ(with(R"("roles":["mentor",1,null])", 2).roles, kMentor);
  EXPECT_FALSE(with(R"("is_staff":1,"role":2,"roles":3)", 3).is_staff);
}

}  // namespace
}  // namespace carillon::auth
