// A number that several threads add to and one waits for.
#pragma once

#include <atomic>
#include <cstdint>

#include "cmd/bench_target.h"

namespace carillon::bench {

class Counter {
 public:
  Counter();

  uint64_t value() const noexcept { return value_.load(); }
  // Any thread.
  void add(uint64_t amount) noexcept;
  // Waits until `value` is reached; false when nothing was added for `patience_s`. One thread.
  bool wait_for(uint64_t value, uint32_t patience_s);

 private:
  void wake() noexcept;
  std::atomic<uint64_t> value_{0};
  std::atomic<uint64_t> wanted_{UINT64_MAX};
  Socket wake_;  // an eventfd
};

}  // namespace carillon::bench
