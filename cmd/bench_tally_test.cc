#include "cmd/bench_tally.h"

#include <gtest/gtest.h>

namespace carillon::bench {
namespace {

struct Outcome {
  uint64_t gaps, duplicated, reordered;
  uint32_t next;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(std::initializer_list<uint32_t> sequences) {
  Tally tally;
  Order order;
  for (uint32_t sequence : sequences) order.take(sequence, tally);
  return {order.gap_count(), tally.duplicated, tally.reordered, order.next()};
}

TEST(Order, CountsNothingWhileEventsComeInTurn) {
  EXPECT_EQ(outcome_of({0, 1, 2}), (Outcome{0, 0, 0, 3}));
}

TEST(Order, CountsAGap) {
  EXPECT_EQ(outcome_of({0, 3}), (Outcome{2, 0, 0, 4}));
}

TEST(Order, CallsALateOneReordered) {
  EXPECT_EQ(outcome_of({1, 0, 2}), (Outcome{0, 0, 1, 3}));
}

TEST(Order, CallsASecondOneDuplicated) {
  EXPECT_EQ(outcome_of({0, 0}), (Outcome{0, 1, 0, 1}));
  EXPECT_EQ(outcome_of({1, 0, 0}), (Outcome{0, 1, 1, 2}));
}

TEST(Tally, MergesClosesByCode) {
  Tally a, b;
  a.closes[4430] = 1;
  b.closes[4430] = 2;
  b.closes[1012] = 3;
  a.merge(b);
  EXPECT_EQ(a.closes[4430], 3U);
  EXPECT_EQ(a.closes[1012], 3U);
}

}  // namespace
}  // namespace carillon::bench
