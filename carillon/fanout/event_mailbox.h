// The events on their way from the node to one worker: a mailbox bounded in events and in bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "carillon/fanout/prepared_event.h"

namespace carillon::fanout {

struct EventMailboxLimits {
  size_t events_max = 16'384;
  size_t bytes_max = 64u << 20;
};

// The node's loop pushes, the worker's takes. Since there is one writer, room that it has seen
// stays: an event is pushed only after has_room() said yes.
class EventMailbox {
 public:
  explicit EventMailbox(const EventMailboxLimits& limits) : limits_(limits) {}

  // An empty mailbox has room for anything, so that no event is too large for ever.
  bool has_room(size_t event_count, size_t byte_count) const noexcept;
  // True when it was empty: the worker must be woken.
  bool push(PreparedEventPtr event);
  // The writer wants to know of room for this much. False: there is room now. True: the take()
  // that comes next says so to the reader, who tells the writer.
  [[nodiscard]] bool await_room(size_t byte_count);
  // Moves the oldest events to `out`: at least one if there is one, then up to both bounds. True
  // when the writer waits for room and is to be told, once.
  [[nodiscard]] bool take(size_t events_max, size_t bytes_max, std::vector<PreparedEventPtr>& out);
  bool is_empty() const noexcept { return event_count_.load(std::memory_order_acquire) == 0; }
  size_t event_count() const noexcept { return event_count_.load(std::memory_order_relaxed); }
  const EventMailboxLimits& limits() const noexcept { return limits_; }

 private:
  const EventMailboxLimits limits_;
  std::atomic<size_t> event_count_ = 0;
  std::atomic<size_t> byte_count_ = 0;
  std::mutex mutex_;
  std::deque<PreparedEventPtr> events_;
  bool is_room_awaited_ = false;  // guarded by mutex_
};

}  // namespace carillon::fanout
