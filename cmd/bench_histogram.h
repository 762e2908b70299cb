// Counts of durations, fine enough for percentiles and cheap enough for millions a second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace carillon::bench {

// 64 buckets for each power of two: a percentile is at most 1.6 % above the true value. Merging
// is exact, so that threads count apart. Not thread-safe.
class Histogram {
 public:
  void add(uint64_t ns) noexcept;
  void merge(const Histogram& other) noexcept;
  uint64_t count() const noexcept { return count_; }
  uint64_t max() const noexcept { return max_; }
  // The duration that `percent` (0 to 100) of all counted ones do not exceed; 0 when empty.
  uint64_t percentile(double percent) const noexcept;

 private:
  static constexpr int kStepBits = 6;
  static size_t bucket_of(uint64_t ns) noexcept;
  static uint64_t upper_bound_of(size_t bucket) noexcept;

  std::array<uint64_t, (64 - kStepBits + 1) << kStepBits> buckets_{};
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace carillon::bench
