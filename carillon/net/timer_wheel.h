// Timeouts for many connections: a hashed wheel with 32-bit links, 24 bytes a timer, every
// operation O(1). A timer fires at or up to two ticks after its deadline, never before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace carillon::net {

class TimerHandler {
 public:
  virtual void on_timer() = 0;

 protected:
  ~TimerHandler() = default;
};

using TimerId = uint32_t;
inline constexpr TimerId kNoTimer = UINT32_MAX;

// One per loop, used on its thread alone.
class TimerWheel {
 public:
  static constexpr uint64_t kTickMs = 16;
  static constexpr uint32_t kSlotCount = 2048;  // one turn is 32 s; later deadlines wait more turns

  explicit TimerWheel(uint64_t now_ms);

  // A timer at rest that will call `handler` (borrowed until `remove`).
  TimerId add(TimerHandler& handler);
  void remove(TimerId id);
  // (Re)starts the timer; `deadline_ms` is on the clock of `advance`.
  void schedule(TimerId id, uint64_t deadline_ms);
  void cancel(TimerId id);

  // Fires what is due. Handlers may add, schedule and remove timers, their own too.
  void advance(uint64_t now_ms);
  // Milliseconds until `advance` might have work; -1 with no timer running.
  int next_timeout_ms(uint64_t now_ms) const;
  size_t running_count() const noexcept { return running_count_; }

 private:
  struct Node {
    TimerHandler* handler = nullptr;
    uint32_t deadline_tick = 0;
    TimerId next = kNoTimer;
    TimerId previous = kNoTimer;  // kNoTimer: the first of its slot
    bool is_running = false;
  };
  void unlink(TimerId id);
  void fire_slot(uint32_t slot);

  uint64_t start_ms_;
  uint32_t tick_ = 0;  // everything due at or before it has fired
  size_t running_count_ = 0;
  TimerId free_ = kNoTimer;
  std::vector<Node> nodes_;
  std::vector<TimerId> due_;
  std::array<TimerId, kSlotCount> slots_;
  std::array<uint64_t, kSlotCount / 64> occupied_{};
};

}  // namespace carillon::net
