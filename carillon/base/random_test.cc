#include "carillon/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace carillon {
namespace {

TEST(FillRandom, FillsAllOfAnyLength) {
  fill_random({});
  // 256 zero bytes by chance: once in 2^2048.
  std::array<std::byte, 1024> bytes{};
  fill_random(bytes);
  for (size_t i = 0; i < bytes.size(); i += 256) {
    EXPECT_TRUE(std::any_of(bytes.begin() + static_cast<ptrdiff_t>(i),
                            bytes.begin() + static_cast<ptrdiff_t>(i + 256),
                            [](std::byte byte) { return byte != std::byte{0}; }));
  }
}

TEST(RandomHex, IsLowerCaseHexOfTwiceTheLength) {
  EXPECT_EQ(random_hex(0), "");
  std::set<char> seen;
  for (size_t bytes = 1; bytes < 100; ++bytes) {
    const std::string hex = random_hex(bytes);
    EXPECT_EQ(hex.size(), 2 * bytes);
    seen.insert(hex.begin(), hex.end());
  }
  const std::string_view digits = "0123456789abcdef";
  EXPECT_EQ(seen, std::set<char>(digits.begin(), digits.end()));
  EXPECT_NE(random_hex(16), random_hex(16));
}

TEST(Random, RepeatsItselfForTheSameSeed) {
  Random one(1234567);
  Random other(1234567);
  // The published first numbers of SplitMix64 for this seed.
  for (const uint64_t expected :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u}) {
    EXPECT_EQ(one.next(), expected);
    EXPECT_EQ(other.next(), expected);
  }
  EXPECT_NE(Random().next(), Random().next());
}

TEST(Random, StaysBelowItsBound) {
  Random random(1);
  EXPECT_EQ(random.below(0), 0u);
  EXPECT_EQ(random.below(1), 0u);
  for (const uint64_t bound : {2ull, 3ull, 10ull, 1ull << 63, (1ull << 63) + 1, ~0ull}) {
    for (int i = 0; i < 1000; ++i) ASSERT_LT(random.below(bound), bound);
  }
}

TEST(Random, FavoursNoResult) {
  Random random(7);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[random.below(6)];
  // Five standard deviations around 10,000; the seed is fixed, so this holds or does not.
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 457);
}

}  // namespace
}  // namespace carillon
