#include "carillon/inbox/memory_inbox.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::inbox {
namespace {

json::Value value(std::string_view text) {
  auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return std::move(*parsed);
}

class MemoryInboxTest : public testing::Test {
 protected:
  Stored add(std::string_view user_id, std::string_view notification = "{}") {
    Stored result;
    inbox_.add(user_id, value(notification), [&](Stored stored) { result = std::move(stored); });
    return result;
  }
  std::string add_as_json(std::string_view notification) {
    return json::to_json(add("7", notification).notification);
  }
  uint64_t unread_count(std::string_view user_id) {
    uint64_t result = UINT64_MAX;
    inbox_.unread_count(user_id, [&](uint64_t count) { result = count; });
    return result;
  }
  std::optional<uint64_t> mark_read(std::string_view user_id, std::string_view id) {
    std::optional<uint64_t> result = UINT64_MAX;
    inbox_.mark_read(user_id, value(id), [&](std::optional<uint64_t> count) { result = count; });
    return result;
  }
  uint64_t mark_all_read(std::string_view user_id) {
    uint64_t result = UINT64_MAX;
    inbox_.mark_all_read(user_id, [&](uint64_t count) { result = count; });
    return result;
  }

  FakeClock clock_;
  MemoryInbox inbox_{{.notifications_max = 3, .users_max = 2}, clock_};
};

TEST_F(MemoryInboxTest, AddsAnIdAndATime) {
  clock_.set_wall_ms(1'795'379'185'007);
  EXPECT_EQ(add_as_json(R"({"title":"Hi"})"),
            R"({"title":"Hi","id":1,"created_at":"2026-11-22T20:26:25.007Z"})");
  EXPECT_EQ(add_as_json("{}"), R"({"id":2,"created_at":"2026-11-22T20:26:25.007Z"})");
}

TEST_F(MemoryInboxTest, KeepsTheIdAndTimeOfThePublisher) {
  for (const char* notification :
       {R"({"created_at":"yesterday","id":42})", R"({"id":"a-7","created_at":null})",
        R"({"id":18446744073709551615,"created_at":5})"}) {
    EXPECT_EQ(add_as_json(notification), notification);
  }
}

TEST_F(MemoryInboxTest, PrintsWholeSecondsWithTheirMilliseconds) {
  clock_.set_wall_ms(0);
  EXPECT_EQ(add_as_json(R"({"id":1})"), R"({"id":1,"created_at":"1970-01-01T00:00:00.000Z"})");
  clock_.set_wall_ms(1'709'251'199'999);
  EXPECT_EQ(add_as_json(R"({"id":1})"), R"({"id":1,"created_at":"2024-02-29T23:59:59.999Z"})");
}

TEST_F(MemoryInboxTest, CountsTheUnreadOfEachUser) {
  EXPECT_EQ(unread_count("7"), 0u);
  EXPECT_EQ(add("7").unread_count, 1u);
  EXPECT_EQ(add("7").unread_count, 2u);
  EXPECT_EQ(add("8").unread_count, 1u);
  EXPECT_EQ(unread_count("7"), 2u);
}

TEST_F(MemoryInboxTest, MarksOneRead) {
  (void)add("7", R"({"id":1})");
  (void)add("7", R"({"id":2})");
  EXPECT_EQ(mark_read("7", "1"), 1u);
  EXPECT_EQ(mark_read("7", "1"), 1u) << "marking again changes nothing";
  EXPECT_EQ(mark_read("7", "2"), 0u);
}

TEST_F(MemoryInboxTest, KnowsNothingOfOtherIds) {
  (void)add("7", R"({"id":7})");
  EXPECT_EQ(mark_read("7", "8"), std::nullopt);
  EXPECT_EQ(mark_read("7", R"("7")"), std::nullopt) << "a string is not a number";
  EXPECT_EQ(mark_read("8", "7"), std::nullopt);
  EXPECT_EQ(unread_count("7"), 1u);
}

TEST_F(MemoryInboxTest, MarksAllRead) {
  (void)add("7", R"({"id":1})");
  (void)add("7", R"({"id":2})");
  (void)mark_read("7", "1");
  EXPECT_EQ(mark_all_read("7"), 0u);
  EXPECT_EQ(unread_count("7"), 0u);
  EXPECT_EQ(mark_all_read("nobody"), 0u);
  EXPECT_EQ(add("7").unread_count, 1u);
}

TEST_F(MemoryInboxTest, ReplacesANotificationOfTheSameId) {
  (void)add("7", R"({"id":1})");
  (void)mark_read("7", "1");
  EXPECT_EQ(add("7", R"({"id":1})").unread_count, 1u) << "the newer one is unread";
  EXPECT_EQ(add("7", R"({"id":1})").unread_count, 1u);
}

TEST_F(MemoryInboxTest, NeverGivesAnIdThatThePublisherHasUsed) {
  (void)add("7", R"({"id":1})");
  (void)add("7", R"({"id":2})");
  const Stored stored = add("7");
  EXPECT_EQ(stored.notification.find("id")->as_int64(), 3);
  EXPECT_EQ(stored.unread_count, 3u);
}

TEST_F(MemoryInboxTest, TakesBackOneThatCouldNotBeSent) {
  (void)add("7", R"({"id":1})");
  (void)add("7", R"({"id":"a"})");
  inbox_.remove("7", value("1"));
  EXPECT_EQ(unread_count("7"), 1u);
  EXPECT_EQ(mark_read("7", "1"), std::nullopt);
  inbox_.remove("7", value("1"));
  inbox_.remove("8", value("1"));
  EXPECT_EQ(unread_count("7"), 1u);
  EXPECT_EQ(mark_read("7", R"("a")"), 0u);
  inbox_.remove("7", value(R"("a")"));
  EXPECT_EQ(unread_count("7"), 0u) << "one that was read was not counted";
}

TEST_F(MemoryInboxTest, ForgetsAUserWithWhatItTookBack) {
  (void)add("1");
  (void)add("2", R"({"id":5})");
  inbox_.remove("2", value("5"));
  (void)add("3");
  EXPECT_EQ(unread_count("1"), 1u) << "there was a place";
  EXPECT_EQ(unread_count("3"), 1u);
}

TEST_F(MemoryInboxTest, KeepsJustTheNewestOfAUser) {
  for (const char* id : {"1", "2", "3"}) {
    (void)add("7", std::string(R"({"id":)") + id + "}");
  }
  EXPECT_EQ(unread_count("7"), 3u);
  EXPECT_EQ(add("7", R"({"id":4})").unread_count, 3u);
  EXPECT_EQ(mark_read("7", "1"), std::nullopt);
  EXPECT_EQ(mark_read("7", "2"), 2u);
  EXPECT_EQ(add("7", R"({"id":5})").unread_count, 3u) << "the one that went was read";
}

TEST_F(MemoryInboxTest, ForgetsTheUserWhoWasUsedLongestAgo) {
  (void)add("1");
  (void)add("2");
  EXPECT_EQ(unread_count("1"), 1u);  // which uses it
  (void)add("3");
  EXPECT_EQ(unread_count("2"), 0u);
  EXPECT_EQ(unread_count("1"), 1u);
  EXPECT_EQ(unread_count("3"), 1u);
}

TEST_F(MemoryInboxTest, DoesNotRememberUsersWithoutNotifications) {
  (void)add("1");
  (void)add("2");
  for (const char* user_id : {"3", "4", "5"}) {
    EXPECT_EQ(unread_count(user_id), 0u);
    EXPECT_EQ(mark_all_read(user_id), 0u);
    EXPECT_EQ(mark_read(user_id, "1"), std::nullopt);
  }
  EXPECT_EQ(unread_count("1"), 1u);
  EXPECT_EQ(unread_count("2"), 1u);
}

}  // namespace
}  // namespace carillon::inbox
