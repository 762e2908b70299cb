#include "carillon/session/send_queue.h"

#include <algorithm>

#include "carillon/base/assert.h"

namespace carillon::session {

bool SendQueue::replace_state(const fanout::FramePtr& frame, uint32_t state_key) {
  if (state_key == 0 || state_count_ == 0) return false;
  const auto first = entries_.begin() + (begun_bytes_ > 0 ? 1 : 0);
  // The queued state is stale the moment a newer one exists: replace it where it stands, so that a
  // slow reader catches up in one frame instead of replaying history.
  const auto older = std::find_if(first, entries_.end(),
                                  [&](const Entry& entry) { return entry.state_key == state_key; });
  if (older == entries_.end()) return false;
  byte_count_ += frame->size() - older->frame->size();
  older->frame = frame;
  ++conflated_count_;
  return true;
}

bool SendQueue::push(const fanout::FramePtr& frame,
                     uint32_t state_key,
                     const SendQueueLimits& limits) {
  if (replace_state(frame, state_key)) return true;
  const bool is_over = byte_count_ - begun_bytes_ + frame->size() > limits.bytes_max ||
                       entries_.size() + 1 > limits.frames_max;
  if (is_over && !entries_.empty()) return false;
  if (state_key != 0) ++state_count_;
  byte_count_ += frame->size();
  entries_.push_back({frame, state_key});
  return true;
}

void SendQueue::push_always(const fanout::FramePtr& frame) {
  byte_count_ += frame->size();
  entries_.push_back({frame, 0});
}

void SendQueue::push_begun(const fanout::FramePtr& frame, size_t sent_bytes) {
  CARILLON_ASSERT(entries_.empty() && sent_bytes < frame->size());
  push_always(frame);
  begun_bytes_ = sent_bytes;
}

size_t SendQueue::fill(std::span<iovec> buffers) const {
  size_t count = 0;
  size_t skipped = begun_bytes_;
  for (const Entry& entry : entries_) {
    if (count == buffers.size()) break;
    char* data = const_cast<char*>(entry.frame->data());
    buffers[count++] = {data + skipped, entry.frame->size() - skipped};
    skipped = 0;
  }
  return count;
}

size_t SendQueue::consume(size_t byte_count) {
  size_t finished = 0;
  while (byte_count > 0) {
    CARILLON_DCHECK(!entries_.empty());
    const size_t left = entries_.front().frame->size() - begun_bytes_;
    if (byte_count < left) {
      begun_bytes_ += byte_count;
      return finished;
    }
    byte_count -= left;
    byte_count_ -= entries_.front().frame->size();
    if (entries_.front().state_key != 0) --state_count_;
    entries_.pop_front();
    begun_bytes_ = 0;
    ++finished;
  }
  return finished;
}

size_t SendQueue::drop_unbegun() {
  const size_t kept = begun_bytes_ > 0 ? 1 : 0;
  const size_t dropped = entries_.size() - std::min(kept, entries_.size());
  while (entries_.size() > kept) {
    byte_count_ -= entries_.back().frame->size();
    if (entries_.back().state_key != 0) --state_count_;
    entries_.pop_back();
  }
  return dropped;
}

}  // namespace carillon::session
