#include "carillon/redis/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace carillon::redis {
namespace {

TEST(Backoff, DoublesUpToItsBound) {
  Random random(1);
  Backoff backoff(50, 1'000, random);
  for (const uint64_t top_ms : {50u, 100u, 200u, 400u, 800u, 1'000u, 1'000u}) {
    const uint64_t wait_ms = backoff.next_ms();
    EXPECT_GE(wait_ms, top_ms / 2);
    EXPECT_LE(wait_ms, top_ms);
  }
  backoff.reset();
  EXPECT_LE(backoff.next_ms(), 50u);
}

TEST(Backoff, NeverKeepsTwoInStep) {
  std::set<uint64_t> waits_ms;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    Backoff backoff(1'000, 2'000, random);
    waits_ms.insert(backoff.next_ms());
  }
  EXPECT_GT(waits_ms.size(), 50u);
}

}  // namespace
}  // namespace carillon::redis
