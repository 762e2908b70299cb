#include "cmd/bench_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace carillon::bench {

size_t Histogram::bucket_of(uint64_t ns) noexcept {
  constexpr uint64_t kSteps = 1U << kStepBits;
  if (ns < kSteps) return ns;
  const int exponent =
      static_cast<int>(std::bit_width(ns)) - 1 - kStepBits;  // ns >> exponent is in [64, 128)
  return (static_cast<size_t>(exponent) << kStepBits) + (ns >> exponent);
}

uint64_t Histogram::upper_bound_of(size_t bucket) noexcept {
  constexpr size_t kSteps = 1U << kStepBits;
  if (bucket < 2 * kSteps) return bucket;
  const size_t exponent = (bucket >> kStepBits) - 1;
  const uint64_t step = (bucket & (kSteps - 1)) + kSteps;
  return ((step + 1) << exponent) - 1;
}

void Histogram::add(uint64_t ns) noexcept {
  buckets_[bucket_of(ns)]++;
  count_++;
  max_ = std::max(max_, ns);
}

void Histogram::merge(const Histogram& other) noexcept {
  for (size_t i = 0; i < buckets_.size(); i++) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

uint64_t Histogram::percentile(double percent) const noexcept {
  const double exact = std::ceil(static_cast<double>(count_) * percent / 100);
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(exact));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); i++) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(upper_bound_of(i), max_);
  }
  return max_;
}

}  // namespace carillon::bench
