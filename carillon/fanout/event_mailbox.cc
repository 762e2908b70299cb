#include "carillon/fanout/event_mailbox.h"

#include <utility>

namespace carillon::fanout {

bool EventMailbox::has_room(size_t event_count, size_t byte_count) const noexcept {
  const size_t events = event_count_.load(std::memory_order_relaxed);
  const size_t bytes = byte_count_.load(std::memory_order_relaxed);
  if (events == 0) return true;
  return events + event_count <= limits_.events_max && bytes + byte_count <= limits_.bytes_max;
}

bool EventMailbox::push(PreparedEventPtr event) {
  const std::lock_guard lock(mutex_);
  byte_count_.fetch_add(event->frame->size(), std::memory_order_relaxed);
  events_.push_back(std::move(event));
  return event_count_.fetch_add(1, std::memory_order_release) == 0;
}

bool EventMailbox::await_room(size_t byte_count) {
  const std::lock_guard lock(mutex_);
  // Without room there is an event, so a take() will come.
  is_room_awaited_ = !has_room(1, byte_count);
  return is_room_awaited_;
}

bool EventMailbox::take(size_t events_max, size_t bytes_max, std::vector<PreparedEventPtr>& out) {
  const std::lock_guard lock(mutex_);
  size_t byte_count = 0;
  while (!events_.empty() && out.size() < events_max) {
    const size_t frame_bytes = events_.front()->frame->size();
    if (!out.empty() && byte_count + frame_bytes > bytes_max) break;
    byte_count += frame_bytes;
    out.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  event_count_.fetch_sub(out.size(), std::memory_order_release);
  byte_count_.fetch_sub(byte_count, std::memory_order_relaxed);
  return std::exchange(is_room_awaited_, false);
}

}  // namespace carillon::fanout
