#include "carillon/session/burst.h"

#include <algorithm>

namespace carillon::session {

const std::string& Burst::bytes() {
  if (frame_count == 1) return *frame;
  if (joined.empty()) {
    joined.resize(byte_count);
    size_t end = byte_count;
    for (const Burst* burst = this; burst != nullptr; burst = burst->previous) {
      end -= burst->frame->size();
      burst->frame->copy(joined.data() + end, burst->frame->size());
    }
  }
  return joined;
}

void Burst::list(std::vector<const Burst*>& out) const {
  for (const Burst* burst = this; burst != nullptr; burst = burst->previous) out.push_back(burst);
  std::ranges::reverse(out);
}

Burst* BurstArena::extend(Burst* from,
                          const fanout::FramePtr& frame,
                          uint32_t state_key,
                          fanout::FrameForm form) {
  Burst::Next& next = from != nullptr ? from->next : first_[form];
  if (next.frame == frame.get()) return next.burst;
  Burst& burst = bursts_.emplace_back();
  burst.previous = from;
  burst.frame = frame;
  burst.state_key = state_key;
  burst.frame_count = (from != nullptr ? from->frame_count : 0) + 1;
  burst.byte_count = (from != nullptr ? from->byte_count : 0) + frame->size();
  next = {frame.get(), &burst};
  return &burst;
}

void BurstArena::clear() {
  bursts_.clear();
  first_ = {};
}

}  // namespace carillon::session
