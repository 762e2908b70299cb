// What a connection has to send of the current round, shared by all connections that have the
// same: members of one group cost the round one step each, and its bytes are laid together once.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "carillon/fanout/delivery.h"

namespace carillon::session {

// A list of frames, by its last one. Lives until its arena is cleared.
struct Burst {
  struct Next {
    const std::string* frame = nullptr;
    Burst* burst = nullptr;
  };

  Burst* previous = nullptr;
  fanout::FramePtr frame;
  uint32_t state_key = 0;
  uint32_t frame_count = 0;
  size_t byte_count = 0;
  // The list with one frame more that was asked for last: all members of a group ask alike.
  Next next;
  std::string joined;  // all bytes, once somebody sends them

  // All frames as one piece. The first caller pays for the copy, for all that share it.
  const std::string& bytes();
  // The frames, oldest first.
  void list(std::vector<const Burst*>& out) const;
};

// The bursts of one round of one loop.
class BurstArena {
 public:
  // `from` (null: nothing yet) and then `frame`.
  Burst* extend(Burst* from,
                const fanout::FramePtr& frame,
                uint32_t state_key,
                fanout::FrameForm form);
  // Ends the round: no connection holds a burst any more.
  void clear();
  size_t burst_count() const noexcept { return bursts_.size(); }

 private:
  std::deque<Burst> bursts_;
  std::array<Burst::Next, fanout::kFrameFormCount> first_{};
};

}  // namespace carillon::session
