#include "carillon/net/timer_wheel.h"

#include <bit>

#include "carillon/base/assert.h"

namespace carillon::net {

TimerWheel::TimerWheel(uint64_t now_ms) : start_ms_(now_ms) {
  slots_.fill(kNoTimer);
}

TimerId TimerWheel::add(TimerHandler& handler) {
  TimerId id = free_;
  if (id == kNoTimer) {
    id = static_cast<TimerId>(nodes_.size());
    nodes_.emplace_back();
  } else {
    free_ = nodes_[id].next;
  }
  nodes_[id] = Node{.handler = &handler};
  return id;
}

void TimerWheel::remove(TimerId id) {
  CARILLON_ASSERT(id < nodes_.size() && nodes_[id].handler != nullptr);
  cancel(id);
  nodes_[id] = Node{.next = free_};
  free_ = id;
}

void TimerWheel::schedule(TimerId id, uint64_t deadline_ms) {
  cancel(id);
  const uint64_t since_start = deadline_ms > start_ms_ ? deadline_ms - start_ms_ : 0;
  // Rounded up, so that nothing fires early; never into a slot that has been visited.
  const uint64_t wanted = (since_start + kTickMs - 1) / kTickMs;
  const uint32_t tick = wanted <= tick_ ? tick_ + 1 : static_cast<uint32_t>(wanted);
  const uint32_t slot = tick % kSlotCount;
  Node& node = nodes_[id];
  node.deadline_tick = tick;
  node.previous = kNoTimer;
  node.next = slots_[slot];
  node.is_running = true;
  if (node.next != kNoTimer) nodes_[node.next].previous = id;
  slots_[slot] = id;
  occupied_[slot / 64] |= uint64_t{1} << (slot % 64);
  ++running_count_;
}

void TimerWheel::cancel(TimerId id) {
  if (nodes_[id].is_running) unlink(id);
}

void TimerWheel::unlink(TimerId id) {
  Node& node = nodes_[id];
  const uint32_t slot = node.deadline_tick % kSlotCount;
  if (node.previous == kNoTimer) {
    slots_[slot] = node.next;
  } else {
    nodes_[node.previous].next = node.next;
  }
  if (node.next != kNoTimer) nodes_[node.next].previous = node.previous;
  if (slots_[slot] == kNoTimer) occupied_[slot / 64] &= ~(uint64_t{1} << (slot % 64));
  node.is_running = false;
  --running_count_;
}

void TimerWheel::advance(uint64_t now_ms) {
  const uint64_t now_tick = (now_ms - start_ms_) / kTickMs;
  // After a long pause one visit of each slot is enough.
  if (now_tick > uint64_t{tick_} + kSlotCount) tick_ = static_cast<uint32_t>(now_tick - kSlotCount);
  while (tick_ < now_tick) {
    ++tick_;
    fire_slot(tick_ % kSlotCount);
  }
}

void TimerWheel::fire_slot(uint32_t slot) {
  if (slots_[slot] == kNoTimer) return;
  due_.clear();
  for (TimerId id = slots_[slot]; id != kNoTimer; id = nodes_[id].next) {
    if (nodes_[id].deadline_tick <= tick_) due_.push_back(id);
  }
  // Out of the wheel first: a handler sees each due timer at rest, and may cancel its siblings.
  for (size_t i = 0; i < due_.size(); ++i) {
    const TimerId id = due_[i];
    if (!nodes_[id].is_running || nodes_[id].deadline_tick > tick_) continue;
    unlink(id);
    nodes_[id].handler->on_timer();
  }
}

int TimerWheel::next_timeout_ms(uint64_t now_ms) const {
  if (running_count_ == 0) return -1;
  // The next occupied slot after this tick, looking once round the wheel.
  const uint32_t first = (tick_ + 1) % kSlotCount;
  uint32_t distance = kSlotCount;
  for (uint32_t step = 0; step <= kSlotCount / 64; ++step) {
    const uint32_t word = (first / 64 + step) % (kSlotCount / 64);
    uint64_t bits = occupied_[word];
    if (step == 0) bits &= ~uint64_t{0} << (first % 64);
    if (bits == 0) continue;
    const uint32_t slot = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
    distance = (slot + kSlotCount - first) % kSlotCount;
    break;
  }
  const uint64_t due_ms = start_ms_ + (uint64_t{tick_} + 1 + distance) * kTickMs;
  return due_ms <= now_ms ? 0 : static_cast<int>(due_ms - now_ms);
}

}  // namespace carillon::net
