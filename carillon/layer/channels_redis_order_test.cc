#include "carillon/layer/channels_redis_order.h"

#include <gtest/gtest.h>

#include <set>

namespace carillon::layer {
namespace {

constexpr int64_t kNowMs = 1'795'374'164'528;

TEST(Score, IsUnixSecondsWithSixDecimals) {
  EXPECT_EQ(Score(kNowMs * 1000 + 387).text(), "1795374164.528387");
  EXPECT_EQ(Score(1'795'374'164'000'000).text(), "1795374164.000000");
  EXPECT_EQ(Score(1'795'374'164'000'042).text(), "1795374164.000042");
  EXPECT_EQ(Score(0).text(), "0.000000");
}

TEST(Score, CutsItsFractionOffForWholeSeconds) {
  EXPECT_EQ(Score(1'795'374'164'999'999).seconds(), 1'795'374'164);
}

TEST(Scores, FollowTheClock) {
  Scores scores;
  EXPECT_EQ(scores.next(kNowMs).text(), "1795374164.528000");
  EXPECT_EQ(scores.next(kNowMs + 1).text(), "1795374164.529000");
}

TEST(Scores, GrowWhateverTheClockDoes) {
  Scores scores;
  double last = 0;
  for (const int64_t step : {0, 0, 0, 1, 0, -5'000, -1, 0, 2}) {
    const double score = std::stod(scores.next(kNowMs + step).text());
    EXPECT_GT(score, last) << "as a double, which is what Redis keeps";
    last = score;
  }
}

std::string next(MemberPrefixes& prefixes) {
  std::string out = "x";
  prefixes.append_next(out);
  EXPECT_EQ(out[0], 'x');
  return out.substr(1);
}

TEST(MemberPrefixes, GrowAsBytes) {
  MemberPrefixes prefixes(12);
  std::string last;
  for (int i = 0; i < 1'000; ++i) {
    const std::string prefix = next(prefixes);
    EXPECT_EQ(prefix.size(), 12U);
    EXPECT_GT(prefix, last);
    last = prefix;
  }
  EXPECT_EQ(last.substr(0, 8), std::string("\0\0\0\0\0\0\x03\xe7", 8));
}

TEST(MemberPrefixes, DifferBetweenSenders) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) {
    MemberPrefixes prefixes(12);
    all.insert(next(prefixes));
  }
  EXPECT_EQ(all.size(), 100U);
}

TEST(MemberPrefixes, AreAsLongAsAsked) {
  for (const size_t bytes : {0U, 1U, 2U, 3U, 11U, 12U, 13U, 255U}) {
    MemberPrefixes prefixes(bytes);
    EXPECT_EQ(next(prefixes).size(), bytes);
  }
}

}  // namespace
}  // namespace carillon::layer
