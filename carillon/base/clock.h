// The two clocks: monotonic for intervals, wall for what other systems sign and print.
#pragma once

#include <cstdint>

namespace carillon {

// A seam, so that expiry and heartbeats are tested without waiting. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t monotonic_ms() const = 0;
  // Milliseconds since the Unix epoch.
  virtual int64_t wall_ms() const = 0;
  int64_t wall_s() const { return wall_ms() / 1000; }
};

// The machine's clocks. Lives as long as the process.
const Clock& system_clock();

// Stands still until it is moved.
class FakeClock final : public Clock {
 public:
  uint64_t monotonic_ms() const override { return monotonic_ms_; }
  int64_t wall_ms() const override { return wall_ms_; }
  void advance_ms(int64_t ms) {
    monotonic_ms_ += static_cast<uint64_t>(ms);
    wall_ms_ += ms;
  }
  void set_wall_ms(int64_t ms) { wall_ms_ = ms; }

 private:
  uint64_t monotonic_ms_ = 1'000'000;
  int64_t wall_ms_ = 1'790'000'000'000;
};

}  // namespace carillon
