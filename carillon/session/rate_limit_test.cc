#include "carillon/session/rate_limit.h"

#include <gtest/gtest.h>

namespace carillon::session {
namespace {

using Verdict = RateLimit::Verdict;

constexpr RateLimits kLimits{.per_s = 20, .burst = 40};
constexpr uint64_t kStartMs = 123'456;

// Uses up what a fresh bucket holds.
RateLimit make_empty(uint64_t now_ms) {
  RateLimit rate(kLimits, now_ms);
  for (uint32_t i = 0; i < kLimits.burst; ++i) {
    EXPECT_EQ(rate.take(kLimits, now_ms), Verdict::kAllowed);
  }
  return rate;
}

// Refused messages at one moment until the connection is out, or `most`.
uint32_t refused_before_out(RateLimit& rate, uint64_t now_ms, uint32_t most) {
  for (uint32_t count = 0; count < most; ++count) {
    if (rate.take(kLimits, now_ms) == Verdict::kOut) return count;
  }
  return most;
}

TEST(RateLimit, AllowsTheBurstAndNotOneMore) {
  RateLimit rate = make_empty(kStartMs);
  EXPECT_EQ(rate.take(kLimits, kStartMs), Verdict::kRefused);
}

TEST(RateLimit, EarnsOneMessageEachTwentiethOfASecond) {
  RateLimit rate = make_empty(kStartMs);
  EXPECT_EQ(rate.take(kLimits, kStartMs + 49), Verdict::kRefused);
  EXPECT_EQ(rate.take(kLimits, kStartMs + 50), Verdict::kAllowed);
  EXPECT_EQ(rate.take(kLimits, kStartMs + 50), Verdict::kRefused);
}

TEST(RateLimit, EarnsNothingTwiceForOneMoment) {
  RateLimit rate = make_empty(kStartMs);
  EXPECT_EQ(rate.take(kLimits, kStartMs + 100), Verdict::kAllowed);
  EXPECT_EQ(rate.take(kLimits, kStartMs + 100), Verdict::kAllowed);
  EXPECT_EQ(rate.take(kLimits, kStartMs + 100), Verdict::kRefused);
}

TEST(RateLimit, KeepsUpWithTheAllowedRateForEver) {
  RateLimit rate = make_empty(kStartMs);
  for (uint64_t i = 1; i <= 10'000; ++i) {
    ASSERT_EQ(rate.take(kLimits, kStartMs + 50 * i), Verdict::kAllowed);
  }
}

TEST(RateLimit, SavesUpNoMoreThanTheBurst) {
  RateLimit rate = make_empty(kStartMs);
  const uint64_t later_ms = kStartMs + 3'600'000;
  for (uint32_t i = 0; i < kLimits.burst; ++i) {
    EXPECT_EQ(rate.take(kLimits, later_ms), Verdict::kAllowed);
  }
  EXPECT_EQ(rate.take(kLimits, later_ms), Verdict::kRefused);
}

TEST(RateLimit, EndsAConnectionAtTheFortyFirstRefusal) {
  RateLimit rate = make_empty(kStartMs);
  EXPECT_EQ(refused_before_out(rate, kStartMs, 100), 40u);
}

TEST(RateLimit, CountsTenSecondsFromTheFirstRefusalWheneverItComes) {
  for (uint64_t offset_ms = 0; offset_ms < 10'000; offset_ms += 500) {
    RateLimit rate = make_empty(kStartMs + offset_ms);
    uint32_t refused_count = 0;
    uint64_t now_ms = kStartMs + offset_ms;
    // Each 200 ms earn four messages; the fifth is one too many.
    for (; now_ms < kStartMs + offset_ms + 10'000; now_ms += 200) {
      Verdict verdict = rate.take(kLimits, now_ms);
      while (verdict == Verdict::kAllowed) verdict = rate.take(kLimits, now_ms);
      if (verdict == Verdict::kOut) break;
      ++refused_count;
    }
    EXPECT_EQ(refused_count, 40u) << "offset " << offset_ms;
  }
}

TEST(RateLimit, ForgivesRefusalsAfterTenSeconds) {
  RateLimit rate = make_empty(kStartMs);
  EXPECT_EQ(refused_before_out(rate, kStartMs, 40), 40u);
  const uint64_t later_ms = kStartMs + RateLimit::kRefusedWindowMs;
  for (uint32_t i = 0; i < kLimits.burst; ++i) {
    EXPECT_EQ(rate.take(kLimits, later_ms), Verdict::kAllowed);
  }
  EXPECT_EQ(refused_before_out(rate, later_ms, 100), 40u);
}

TEST(RateLimit, DoesNotForgiveAMomentEarlier) {
  RateLimit rate = make_empty(kStartMs);
  EXPECT_EQ(refused_before_out(rate, kStartMs, 40), 40u);
  const uint64_t later_ms = kStartMs + RateLimit::kRefusedWindowMs - 1;
  for (uint32_t i = 0; i < kLimits.burst; ++i) {
    EXPECT_EQ(rate.take(kLimits, later_ms), Verdict::kAllowed);
  }
  EXPECT_EQ(rate.take(kLimits, later_ms), Verdict::kOut);
}

TEST(RateLimit, WorksAcrossTheEndOfItsClock) {
  constexpr uint64_t kEndMs = uint64_t{1} << 32;
  RateLimit rate = make_empty(kEndMs - 25);
  EXPECT_EQ(rate.take(kLimits, kEndMs + 24), Verdict::kRefused);
  EXPECT_EQ(rate.take(kLimits, kEndMs + 25), Verdict::kAllowed);
  EXPECT_EQ(refused_before_out(rate, kEndMs + 25, 100), 39u);
}

TEST(RateLimit, TakesTheLargestBurstThatSettingsAllow) {
  constexpr RateLimits kLarge{.per_s = 1'000'000, .burst = 1'000'000};
  RateLimit rate(kLarge, kStartMs);
  for (uint32_t i = 0; i < kLarge.burst; ++i) {
    ASSERT_EQ(rate.take(kLarge, kStartMs), Verdict::kAllowed);
  }
  EXPECT_EQ(rate.take(kLarge, kStartMs), Verdict::kRefused);
}

}  // namespace
}  // namespace carillon::session
