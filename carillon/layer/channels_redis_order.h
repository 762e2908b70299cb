// What keeps the messages of one sender in order in a sorted set of channels_redis.core: scores
// that only grow, and prefixes that do where scores are equal.
#pragma once

#include <cstdint>
#include <string>

#include "carillon/base/random.h"

namespace carillon::layer {

// A moment as Redis gets it.
class Score {
 public:
  explicit Score(int64_t microseconds) : microseconds_(microseconds) {}
  // Unix seconds with six decimals; neighbours stay apart as doubles until the year 2242.
  std::string text() const;
  int64_t seconds() const noexcept { return microseconds_ / 1'000'000; }  // Python's int(now)

 private:
  int64_t microseconds_;
};

// Each score is greater than the one before, whatever the clock does. One loop.
class Scores {
 public:
  Score next(int64_t wall_ms) noexcept;

 private:
  int64_t last_us_ = 0;
};

// The bytes before each message, which only make equal ones distinct: two thirds a big-endian
// counter, the rest random. One loop.
class MemberPrefixes {
 public:
  explicit MemberPrefixes(size_t bytes);
  void append_next(std::string& out);

 private:
  const size_t counter_bytes_;
  const size_t random_bytes_;
  uint64_t counter_ = 0;
  Random random_;
};

}  // namespace carillon::layer
