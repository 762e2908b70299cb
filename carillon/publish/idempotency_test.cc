#include "carillon/publish/idempotency.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon::publish {
namespace {

TEST(IdempotencyTable, RemembersWhatWasAnswered) {
  FakeClock clock;
  IdempotencyTable table(10, clock);
  EXPECT_EQ(table.find("key"), nullptr);
  table.remember({"key", "hash"}, {"id-1", "id-2"});
  const auto* entry = table.find("key");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->body_hash, "hash");
  EXPECT_EQ(entry->ids, (std::vector<std::string>{"id-1", "id-2"}));
  EXPECT_EQ(table.find("other"), nullptr);
}

TEST(IdempotencyTable, ForgetsAfterTenMinutes) {
  FakeClock clock;
  IdempotencyTable table(10, clock);
  table.remember({"first", ""}, {});
  clock.advance_ms(1);
  table.remember({"second", ""}, {});
  clock.advance_ms(IdempotencyTable::kRememberMs - 2);
  EXPECT_NE(table.find("first"), nullptr);
  clock.advance_ms(1);
  EXPECT_EQ(table.find("first"), nullptr);
  EXPECT_NE(table.find("second"), nullptr);
  clock.advance_ms(1);
  EXPECT_EQ(table.find("second"), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

TEST(IdempotencyTable, RemembersAKeyAnewOnceItWasForgotten) {
  FakeClock clock;
  IdempotencyTable table(10, clock);
  table.remember({"key", "old"}, {});
  clock.advance_ms(IdempotencyTable::kRememberMs);
  EXPECT_EQ(table.find("key"), nullptr);
  table.remember({"key", "new"}, {});
  clock.advance_ms(IdempotencyTable::kRememberMs - 1);
  ASSERT_NE(table.find("key"), nullptr);
  EXPECT_EQ(table.find("key")->body_hash, "new");
}

TEST(IdempotencyTable, ForgetsTheOldestPastItsBound) {
  FakeClock clock;
  IdempotencyTable table(3, clock);
  for (const char* key : {"a", "b", "c"}) table.remember({key, ""}, {});
  EXPECT_NE(table.find("a"), nullptr);
  table.remember({"d", ""}, {});
  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(table.find("a"), nullptr);
  for (const char* key : {"b", "c", "d"}) EXPECT_NE(table.find(key), nullptr) << key;
}

TEST(IdempotencyTable, RemembersNothingWithABoundOfNothing) {
  FakeClock clock;
  IdempotencyTable table(0, clock);
  table.remember({"a", ""}, {});
  EXPECT_EQ(table.find("a"), nullptr);
}

}  // namespace
}  // namespace carillon::publish
