// The frames that the kernel would not take yet: references to shared ones, bounded.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "carillon/fanout/prepared_event.h"

namespace carillon::session {

struct SendQueueLimits {
  size_t bytes_max;
  size_t frames_max;
};

// Of one connection, on its loop. Exists only while something waits.
class SendQueue {
 public:
  // Queues `frame`; a state event (`state_key` not 0) replaces a waiting one of the same key where
  // it stands, unless that has begun to go out. False: over a limit, and nothing was queued. An
  // empty queue takes a frame of any size.
  bool push(const fanout::FramePtr& frame, uint32_t state_key, const SendQueueLimits& limits);
  // Past the limits: for close frames.
  void push_always(const fanout::FramePtr& frame);
  // `frame` without its first `sent_bytes`, which have gone out. The queue is empty.
  void push_begun(const fanout::FramePtr& frame, size_t sent_bytes);

  // The oldest bytes, as many pieces as `buffers` has room for; returns how many it filled.
  size_t fill(std::span<iovec> buffers) const;
  // The kernel took `byte_count` bytes of what fill() gave; returns how many frames that finished.
  size_t consume(size_t byte_count);
  // Drops everything but a frame that has begun to go out; returns how many frames went.
  size_t drop_unbegun();

  bool is_empty() const noexcept { return entries_.empty(); }
  size_t byte_count() const noexcept { return byte_count_; }
  size_t frame_count() const noexcept { return entries_.size(); }
  uint64_t conflated_count() const noexcept { return conflated_count_; }

 private:
  struct Entry {
    fanout::FramePtr frame;
    uint32_t state_key;
  };
  bool replace_state(const fanout::FramePtr& frame, uint32_t state_key);

  std::deque<Entry> entries_;
  size_t begun_bytes_ = 0;  // of the first entry, already sent
  size_t byte_count_ = 0;   // of all entries, the begun bytes too
  size_t state_count_ = 0;
  uint64_t conflated_count_ = 0;
};

}  // namespace carillon::session
