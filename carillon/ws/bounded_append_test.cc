#include "carillon/ws/bounded_append.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace carillon::ws {
namespace {

TEST(BoundedAppend, GrowsWithWhatComesAndEndsAtTheBound) {
  constexpr size_t kMax = 100'000;
  std::string out;
  size_t growth_count = 0;
  for (size_t i = 0; i < kMax; ++i) {
    const size_t before = out.capacity();
    append_bounded(out, "x", kMax);
    if (out.capacity() != before) ++growth_count;
    ASSERT_LE(out.capacity(), std::max<size_t>(2 * out.size() + 15, 15));
    ASSERT_LE(out.capacity(), kMax);
  }
  EXPECT_EQ(out, std::string(kMax, 'x'));
  EXPECT_EQ(out.capacity(), kMax);
  EXPECT_LT(growth_count, 20u);  // doubling: linear in all
}

TEST(BoundedAppend, TakesALargePieceAtOnce) {
  std::string out = "ab";
  append_bounded(out, std::string(5000, 'c'), 1'000'000);
  EXPECT_EQ(out, "ab" + std::string(5000, 'c'));
  EXPECT_EQ(out.capacity(), 5002u);
}

TEST(BoundedAppend, TakesNoMoreThanTheLeastForATinyBound) {
  for (size_t bytes_max = 0; bytes_max <= 2 * kSmallCapacityMax; ++bytes_max) {
    std::string out;
    for (size_t i = 0; i < bytes_max; ++i) append_bounded(out, "x", bytes_max);
    EXPECT_LE(out.capacity(), std::max(bytes_max, kSmallCapacityMax)) << bytes_max;
  }
}

TEST(BoundedAppend, TakesNothing) {
  std::string out;
  append_bounded(out, "", 0);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace carillon::ws
