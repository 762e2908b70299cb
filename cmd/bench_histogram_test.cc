#include "cmd/bench_histogram.h"

#include <gtest/gtest.h>

namespace carillon::bench {
namespace {

TEST(Histogram, SaysZeroWhenNothingWasCounted) {
  EXPECT_EQ(Histogram().percentile(99), 0U);
}

TEST(Histogram, KeepsSmallValuesExact) {
  Histogram histogram;
  for (uint64_t ns = 1; ns <= 100; ns++) histogram.add(ns);
  EXPECT_EQ(histogram.percentile(50), 50U);
  EXPECT_EQ(histogram.percentile(99), 99U);
  EXPECT_EQ(histogram.percentile(100), 100U);
}

TEST(Histogram, StaysWithinItsErrorAtEveryScale) {
  for (uint64_t ns = 1; ns < (uint64_t{1} << 62); ns = ns * 2 + 1) {
    for (uint64_t value : {ns - 1, ns, ns + 1}) {
      Histogram histogram;
      histogram.add(value);
      histogram.add(UINT64_MAX);
      const uint64_t median = histogram.percentile(50);
      EXPECT_GE(median, value);
      EXPECT_LE(median - value, value / 64 + 1);
    }
  }
}

TEST(Histogram, NeverSaysMoreThanTheLargestValue) {
  Histogram histogram;
  histogram.add(1'000'003);
  EXPECT_EQ(histogram.percentile(99.9), 1'000'003U);
}

TEST(Histogram, MergesExactly) {
  Histogram low, high;
  for (int i = 0; i < 99; i++) low.add(10);
  high.add(5'000);
  low.merge(high);
  EXPECT_EQ(low.count(), 100U);
  EXPECT_EQ(low.percentile(99), 10U);
  EXPECT_EQ(low.percentile(99.5), 5'000U);
  EXPECT_EQ(low.max(), 5'000U);
}

}  // namespace
}  // namespace carillon::bench
