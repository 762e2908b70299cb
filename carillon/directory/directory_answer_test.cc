#include "carillon/directory/directory_answer.h"

#include <gtest/gtest.h>

namespace carillon::directory {
namespace {

using auth::AuthError;

constexpr int64_t kNow_s = 1'790'000'000;

Answer parse(std::string_view text, std::string_view user_id = {}) {
  const auto answer = parse_answer(text, {.user_id = user_id, .now_s = kNow_s});
  EXPECT_TRUE(answer) << text;
  return *answer;
}

AnswerError error_of(std::string_view text, std::string_view user_id = {}) {
  const auto answer = parse_answer(text, {.user_id = user_id, .now_s = kNow_s});
  EXPECT_FALSE(answer) << text;
  return answer.error();
}

store::Row row(std::vector<std::pair<std::string, std::optional<std::string>>> columns) {
  return {.columns = std::move(columns)};
}

TEST(DirectoryAnswer, OfABackendIsReadAsClaimsAre) {
  const Answer mentor = parse(R"({"user_id":3,"role":"mentor","is_staff":false})");
  ASSERT_TRUE(mentor);
  EXPECT_EQ(mentor->user_id, "3");
  EXPECT_EQ(mentor->roles, auth::kMentor);
  EXPECT_TRUE(mentor->is_role_known);
  EXPECT_FALSE(mentor->is_staff);
  EXPECT_EQ(mentor->expires_at_s, 0);
  EXPECT_TRUE(parse(R"({"user_id":"a","is_superuser":true})")->is_staff);
  EXPECT_TRUE(parse(R"({"user_id":"a","roles":["student","admin"]})")->is_staff);
}

TEST(DirectoryAnswer, WithARoleOfNullKnowsNone) {
  const Answer answer = parse(R"({"user_id":3,"role":null,"is_staff":null,"expires_in":null})");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->is_role_known);
  EXPECT_TRUE(parse(R"({"user_id":3,"roles":[]})")->is_role_known) << "there is none";
}

TEST(DirectoryAnswer, MayLeaveOutWhoWasAskedAboutButNotBeAboutAnother) {
  EXPECT_EQ(parse(R"({"is_staff":true})", "7")->user_id, "7");
  EXPECT_EQ(parse(R"({"user_id":7})", "7")->user_id, "7");
  EXPECT_EQ(error_of(R"({"user_id":8})", "7"), AnswerError::kOtherUser);
  EXPECT_EQ(error_of(R"({"is_staff":true})"), AnswerError::kNoUser);
  EXPECT_EQ(error_of(R"({"user_id":null})"), AnswerError::kNoUser);
  EXPECT_EQ(error_of(R"({"user_id":"a/b"})"), AnswerError::kNoUser);
}

TEST(DirectoryAnswer, EndsWithTheSession) {
  EXPECT_EQ(parse(R"({"user_id":7,"expires_in":60})")->expires_at_s, kNow_s + 60);
  EXPECT_EQ(parse(R"({"user_id":7,"expires_in":1.9})")->expires_at_s, kNow_s + 1);
  EXPECT_EQ(parse(R"({"user_id":7,"expires_in":1})")->expires_at_s, kNow_s + 1);
  EXPECT_EQ(parse(R"({"user_id":7,"expires_in":0})").error(), AuthError::kSession);
  EXPECT_EQ(parse(R"({"user_id":7,"expires_in":-5})").error(), AuthError::kSession);
  EXPECT_GT(parse(R"({"user_id":7,"expires_in":1e300})")->expires_at_s, kNow_s);
  EXPECT_EQ(error_of(R"({"user_id":7,"expires_in":"60"})"), AnswerError::kBadExpiry);
}

TEST(DirectoryAnswer, OfAnInactiveUserIsARefusal) {
  EXPECT_EQ(parse(R"({"user_id":7,"is_staff":true,"is_active":false})").error(),
            AuthError::kUserInactive);
  EXPECT_TRUE(parse(R"({"user_id":7,"is_active":true})"));
}

TEST(DirectoryAnswer, IsOneJsonObject) {
  for (const char* text :
       {"", "null", "[]", "7", "<html>", R"({"user_id":7)", R"({"user_id":7,"user_id":8})"}) {
    EXPECT_EQ(error_of(text), AnswerError::kNotJson) << text;
  }
}

TEST(DirectoryAnswer, ExplainsEveryError) {
  for (const auto error : {AnswerError::kNotJson, AnswerError::kNoUser, AnswerError::kOtherUser,
                           AnswerError::kBadExpiry}) {
    EXPECT_FALSE(explain(error).empty());
  }
}

TEST(DirectoryRow, TakesTrueAndFalseAsDatabasesPrintThem) {
  for (const char* word : {"1", "t", "true", "TRUE", "y"}) {
    EXPECT_TRUE(read_row(row({{"is_staff", word}}), "7")->is_staff) << word;
    EXPECT_TRUE(read_row(row({{"is_active", word}}), "7")) << word;
  }
  for (const char* word : {"0", "f", "false", "False", "n", "no", ""}) {
    EXPECT_FALSE(read_row(row({{"is_staff", word}}), "7")->is_staff) << word;
    EXPECT_EQ(read_row(row({{"is_active", word}}), "7").error(), AuthError::kUserInactive) << word;
  }
  EXPECT_TRUE(read_row(row({{"is_superuser", "t"}}), "7")->is_staff);
}

TEST(DirectoryRow, WithoutAColumnSaysNothingOfIt) {
  const Answer nothing = read_row(row({}), "7");
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->user_id, "7");
  EXPECT_FALSE(nothing->is_staff);
  EXPECT_FALSE(nothing->is_role_known);
  const Answer null = read_row(row({{"role", std::nullopt}, {"is_active", std::nullopt}}), "7");
  ASSERT_TRUE(null);
  EXPECT_FALSE(null->is_role_known);
}

TEST(DirectoryRow, HasARoleOrAListHoweverItIsWritten) {
  EXPECT_EQ(read_row(row({{"role", "mentor"}}), "7")->roles, auth::kMentor);
  EXPECT_TRUE(read_row(row({{"role", "admin"}}), "7")->is_staff);
  EXPECT_TRUE(read_row(row({{"role", "teacher"}}), "7")->is_role_known) << "a role, but not ours";
  EXPECT_FALSE(read_row(row({{"role", ""}}), "7")->is_role_known);
  for (const char* list : {"mentor,student", "{student,mentor}", R"(["mentor", "student"])"}) {
    EXPECT_EQ(read_row(row({{"roles", list}}), "7")->roles, auth::kMentor | auth::kStudent) << list;
  }
  EXPECT_TRUE(read_row(row({{"roles", "{}"}}), "7")->is_role_known) << "there is none";
}

TEST(DirectoryRow, OfAnotherIdAsTextIsNobodys) {
  EXPECT_TRUE(read_row(row({{"id", "7"}}), "7"));
  EXPECT_EQ(read_row(row({{"id", "7"}}), "07").error(), AuthError::kUserNotFound);
  EXPECT_EQ(read_row(row({{"user_id", "7"}}), "7.0").error(), AuthError::kUserNotFound);
}

TEST(KeptAnswer, ComesBackAsItWas) {
  const Answer mentor = auth::Identity{.user_id = "3",
                                       .expires_at_s = kNow_s,
                                       .roles = auth::kMentor | auth::kStudent,
                                       .is_staff = false,
                                       .is_role_known = true};
  const auto again = parse_kept(keep(mentor));
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->user_id, "3");
  EXPECT_EQ((*again)->roles, mentor->roles);
  EXPECT_EQ((*again)->expires_at_s, kNow_s);
  EXPECT_TRUE((*again)->is_role_known);
  const auto staff = parse_kept(keep(auth::Identity{.user_id = "1", .is_staff = true}));
  ASSERT_TRUE(staff && *staff);
  EXPECT_TRUE((*staff)->is_staff);
  EXPECT_FALSE((*staff)->is_role_known);
}

TEST(KeptAnswer, OfARefusalStaysOne) {
  for (const auto error :
       {AuthError::kUserNotFound, AuthError::kUserInactive, AuthError::kSession}) {
    const auto again = parse_kept(keep(Answer(Err(error))));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->error(), error);
  }
}

TEST(KeptAnswer, IsNothingElse) {
  for (const char* text : {"", "7", R"({"user_id":"3"})", R"({"error":"directory_unavailable"})",
                           R"({"error":7})", R"({"user_id":"","expires_at":0})"}) {
    EXPECT_FALSE(parse_kept(text)) << text;
  }
}

}  // namespace
}  // namespace carillon::directory
