// How long to wait before the next attempt: longer each time, and never the same for two processes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "carillon/base/random.h"

namespace carillon::redis {

// The n-th wait is uniform in the upper half of min(wait_ms_max, wait_ms_min * 2^n).
class Backoff {
 public:
  // `random` is borrowed for life.
  Backoff(uint64_t wait_ms_min, uint64_t wait_ms_max, Random& random) noexcept
      : wait_ms_min_(wait_ms_min), wait_ms_max_(wait_ms_max), random_(random), top_(wait_ms_min) {}

  uint64_t next_ms() noexcept {
    const uint64_t wait_ms = top_ - random_.below(top_ / 2 + 1);
    top_ = std::min(wait_ms_max_, top_ * 2);
    return wait_ms;
  }
  void reset() noexcept { top_ = wait_ms_min_; }

 private:
  const uint64_t wait_ms_min_;
  const uint64_t wait_ms_max_;
  Random& random_;
  uint64_t top_;
};

}  // namespace carillon::redis
