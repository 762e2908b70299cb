#include "cmd/bench_event.h"

#include <gtest/gtest.h>

namespace carillon::bench {
namespace {

TEST(BenchEvent, HasExactlyTheSizeThatWasAskedFor) {
  for (size_t bytes :
       {size_t{kEventBytesMin}, size_t{kEventBytesMin} + 1, size_t{100}, size_t{16'384}})
    EXPECT_EQ(make_event(bytes).size(), bytes);
}

TEST(BenchEvent, IsNeverSmallerThanItsStamp) {
  EXPECT_EQ(make_event(0).size(), kEventBytesMin);
  EXPECT_LE(kEventBytesMin, 100U);
}

TEST(BenchEvent, GivesBackItsStamp) {
  std::string event = make_event(100);
  write_stamp(event.data(), {4'294'967'295U, 1'234'567'890'123'456'789ULL});
  const auto stamp = read_stamp(event);
  ASSERT_TRUE(stamp.has_value());
  EXPECT_EQ(stamp->sequence, 4'294'967'295U);
  EXPECT_EQ(stamp->sent_ns, 1'234'567'890'123'456'789ULL);
}

TEST(BenchEvent, IsNotSeenInOtherFrames) {
  EXPECT_FALSE(read_stamp(R"({"type":"connection_established"})").has_value());
  EXPECT_FALSE(read_stamp("").has_value());
}

TEST(BenchPing, IsReadBackFromPongAndFromEcho) {
  std::string ping = make_ping(77);
  EXPECT_EQ(read_pong(ping), 77U);
  ping.replace(ping.find("ping"), 4, "pong");
  EXPECT_EQ(read_pong(ping), 77U);
  EXPECT_FALSE(read_pong(R"({"type":"error","code":"rate_limited","message":"x"})").has_value());
}

}  // namespace
}  // namespace carillon::bench
