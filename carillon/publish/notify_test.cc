#include "carillon/publish/notify.h"

#include <gtest/gtest.h>

#include <string>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::publish {
namespace {

json::Value value(std::string_view text) {
  auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return std::move(*parsed);
}

void expect_event(const Notice& notice, std::string_view group, std::string_view event) {
  ASSERT_TRUE(notice) << notice.error().field << ": " << notice.error().message;
  EXPECT_EQ(notice->group, group);
  EXPECT_EQ(json::to_json(notice->event->object()), event);
  EXPECT_GE(notice->byte_count, event.size());
}

void expect_field(const Notice& notice, std::string_view field) {
  ASSERT_FALSE(notice) << "expected " << field << " to be wrong";
  EXPECT_EQ(notice.error().field, field);
  EXPECT_FALSE(notice.error().message.empty());
}

TEST(NotifyDashboard, SpreadsItsDataBesideTheType) {
  expect_event(notify_dashboard("submission_created", value(R"({"submission":{"id":1},"a":2})")),
               "dashboard_updates", R"({"type":"submission_created","submission":{"id":1},"a":2})");
  expect_event(notify_dashboard("dashboard_update", json::Value()), "dashboard_updates",
               R"({"type":"dashboard_update"})");
}

TEST(NotifyDashboard, SaysWhichFieldIsWrong) {
  expect_field(notify_dashboard("x", value("[]")), "data");
  expect_field(notify_dashboard("x", value("1")), "data");
  expect_field(notify_dashboard("x", value(R"({"type":"y"})")), "data");
  for (const char* type : {"", "_x", ".x", "websocket.send", "carillon.x", "pong"}) {
    expect_field(notify_dashboard(type, json::Value()), "event_type");
  }
}

TEST(NotifyUser, WrapsTheNotification) {
  expect_event(notify_user("7", value(R"({"title":"Hi"})")), "notifications_7",
               R"({"type":"notification","notification":{"title":"Hi"}})");
  expect_event(notify_user("a.b-c_D", value(R"({"type":"grade"})")), "notifications_a.b-c_D",
               R"({"type":"notification","notification":{"type":"grade"}})");
}

TEST(NotifyUser, TakesIdsThatAreIntegersOrStrings) {
  for (const char* id : {"0", "-1", "18446744073709551615", R"("x")", R"("")"}) {
    EXPECT_TRUE(notify_user("7", value(R"({"id":)" + std::string(id) + "}"))) << id;
  }
  for (const char* id : {"null", "true", "1.5", "1e3", "[]", "{}", "18446744073709551616"}) {
    expect_field(notify_user("7", value(R"({"id":)" + std::string(id) + "}")), "notification");
  }
}

TEST(NotifyUser, SaysWhichFieldIsWrong) {
  for (const char* notification : {"null", "[]", "\"x\"", "1"}) {
    expect_field(notify_user("7", value(notification)), "notification");
  }
  for (const std::string& user_id :
       {std::string(), std::string("a b"), std::string("a/b"), std::string(65, 'x')}) {
    expect_field(notify_user(user_id, value("{}")), "id");
  }
  EXPECT_TRUE(notify_user(std::string(64, 'x'), value("{}")));
}

TEST(NotifyMentorAndStudent, SendToTheirOwnGroups) {
  expect_event(notify_mentor("3", "review_request", value(R"({"request":1})")), "mentor_3",
               R"({"type":"review_request","request":1})");
  expect_event(notify_student("4", "grade_received", value(R"({"grade":"A"})")), "student_4",
               R"({"type":"grade_received","grade":"A"})");
  expect_field(notify_mentor("", "x", json::Value()), "id");
  expect_field(notify_student("4", "_x", json::Value()), "event_type");
}

TEST(UpdateLeaderboard, CarriesAList) {
  expect_event(update_leaderboard(value(R"([{"user":1,"score":10}])")), "leaderboard_updates",
               R"({"type":"leaderboard_update","leaderboard":[{"user":1,"score":10}]})");
  expect_event(update_leaderboard(json::Value::array()), "leaderboard_updates",
               R"({"type":"leaderboard_update","leaderboard":[]})");
  expect_field(update_leaderboard(value("{}")), "leaderboard");
  expect_field(update_leaderboard(json::Value()), "leaderboard");
}

TEST(GroupSend, SendsAnyEventToAnyGroup) {
  expect_event(group_send("chat", value(R"({"a":1,"type":"chat.message"})")), "chat",
               R"({"a":1,"type":"chat.message"})");
  expect_event(group_send(std::string(99, 'g'), value(R"({"type":"x"})")), std::string(99, 'g'),
               R"({"type":"x"})");
}

TEST(GroupSend, SaysWhichFieldIsWrong) {
  expect_field(group_send("", value(R"({"type":"x"})")), "group");
  expect_field(group_send(std::string(100, 'g'), value(R"({"type":"x"})")), "group");
  expect_field(group_send("a!b", value(R"({"type":"x"})")), "group");
  expect_field(group_send("carillon.nodes", value(R"({"type":"x"})")), "group");
  expect_field(group_send("chat", value("[]")), "event");
  expect_field(group_send("chat", value("{}")), "type");
  expect_field(group_send("chat", value(R"({"type":1})")), "type");
  expect_field(group_send("chat", value(R"({"type":"_x"})")), "type");
  expect_field(group_send("chat", value(R"({"type":"unread_count"})")), "type");
}

TEST(IsValidUserId, IsOneTo64OfTheCharactersOfNames) {
  EXPECT_TRUE(is_valid_user_id("1"));
  EXPECT_TRUE(is_valid_user_id(std::string(64, 'x')));
  EXPECT_FALSE(is_valid_user_id(""));
  EXPECT_FALSE(is_valid_user_id(std::string(65, 'x')));
  EXPECT_FALSE(is_valid_user_id("é"));
}

}  // namespace
}  // namespace carillon::publish
