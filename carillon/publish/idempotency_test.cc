#include "carillon/publish/idempotency.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace carillon::publish {
namespace {

class MemoryIdempotencyTableTest : public testing::Test {
 protected:
  Claim claim(const std::string& key, const std::string& body_hash = "") {
    return claim_in(table_, key, body_hash);
  }
  static Claim claim_in(IdempotencyTable& table,
                        const std::string& key,
                        const std::string& body_hash = "") {
    std::optional<Claim> result;
    table.claim({key, body_hash}, [&](Claim answer) { result = std::move(answer); });
    EXPECT_TRUE(result) << "`then` was not called";
    return result.value_or(Claim{});
  }
  bool knows(const std::string& key) { return claim(key).outcome == ClaimOutcome::kKnown; }

  FakeClock clock_;
  MemoryIdempotencyTable table_{3, clock_};
};

TEST_F(MemoryIdempotencyTableTest, RemembersWhatWasAnswered) {
  EXPECT_EQ(claim("key", "hash").outcome, ClaimOutcome::kYours);
  table_.remember({"key", "hash"}, {"id-1", "id-2"});
  const Claim known = claim("key", "hash");
  EXPECT_EQ(known.outcome, ClaimOutcome::kKnown);
  EXPECT_EQ(known.ids, (std::vector<std::string>{"id-1", "id-2"}));
  EXPECT_EQ(claim("other", "hash").outcome, ClaimOutcome::kYours);
}

TEST_F(MemoryIdempotencyTableTest, RefusesAKeyThatCameWithAnotherBody) {
  table_.remember({"key", "hash"}, {"id"});
  const Claim other = claim("key", "another");
  EXPECT_EQ(other.outcome, ClaimOutcome::kOtherBody);
  EXPECT_TRUE(other.ids.empty());
}

TEST_F(MemoryIdempotencyTableTest, ClaimsAgainWhatItForgot) {
  EXPECT_EQ(claim("key", "hash").outcome, ClaimOutcome::kYours);
  table_.forget({"key", "hash"});
  EXPECT_EQ(claim("key", "another").outcome, ClaimOutcome::kYours);
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(MemoryIdempotencyTableTest, ForgetsAfterTenMinutes) {
  table_.remember({"first", ""}, {});
  clock_.advance_ms(1);
  table_.remember({"second", ""}, {});
  clock_.advance_ms(IdempotencyTable::kRememberMs - 2);
  EXPECT_TRUE(knows("first"));
  clock_.advance_ms(1);
  EXPECT_FALSE(knows("first"));
  EXPECT_TRUE(knows("second"));
  clock_.advance_ms(1);
  EXPECT_FALSE(knows("second"));
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(MemoryIdempotencyTableTest, RemembersAKeyAnewOnceItWasForgotten) {
  table_.remember({"key", "old"}, {});
  clock_.advance_ms(IdempotencyTable::kRememberMs);
  EXPECT_EQ(claim("key", "new").outcome, ClaimOutcome::kYours);
  table_.remember({"key", "new"}, {});
  clock_.advance_ms(IdempotencyTable::kRememberMs - 1);
  EXPECT_EQ(claim("key", "new").outcome, ClaimOutcome::kKnown);
}

TEST_F(MemoryIdempotencyTableTest, ForgetsTheOldestPastItsBound) {
  for (const char* key : {"a", "b", "c"}) table_.remember({key, ""}, {});
  EXPECT_TRUE(knows("a"));
  table_.remember({"d", ""}, {});
  EXPECT_EQ(table_.size(), 3u);
  EXPECT_FALSE(knows("a"));
  for (const char* key : {"b", "c", "d"}) EXPECT_TRUE(knows(key)) << key;
}

TEST_F(MemoryIdempotencyTableTest, RemembersNothingWithABoundOfNothing) {
  MemoryIdempotencyTable table(0, clock_);
  table.remember({"a", ""}, {});
  EXPECT_EQ(claim_in(table, "a").outcome, ClaimOutcome::kYours);
}

}  // namespace
}  // namespace carillon::publish
