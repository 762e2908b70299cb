// The events that one worker's mailbox had no room for: they wait on the node, in their order.
#pragma once

#include <deque>
#include <string>
#include <unordered_set>

#include "carillon/fanout/prepared_event.h"

namespace carillon::fanout {

struct WaitingLimits {
  size_t events_max = 16'384;
  size_t bytes_max = 64u << 20;
};

// On the node's loop. Past its bounds an event is dropped, and a mark stands where it would have
// been: who was to get the event learns of the gap in its turn. Marks are not bounded by the limits
// but by the groups that have members: between two events of a group there is at most one.
class WaitingEvents {
 public:
  explicit WaitingEvents(const WaitingLimits& limits) : limits_(limits) {}

  // False when it was dropped. An empty queue takes any event, so that none is too large for ever.
  [[nodiscard]] bool push(const PreparedEventPtr& event);
  bool is_empty() const noexcept { return events_.empty(); }
  const PreparedEventPtr& front() const { return events_.front(); }
  void pop_front();

  size_t count() const noexcept { return events_.size(); }
  const WaitingLimits& limits() const noexcept { return limits_; }

 private:
  void mark_gap(const PreparedEvent& event);

  const WaitingLimits limits_;
  std::deque<PreparedEventPtr> events_;
  size_t byte_count_ = 0;
  // Of whom a mark is the last thing that waits.
  std::unordered_set<std::string> marked_;
};

}  // namespace carillon::fanout
