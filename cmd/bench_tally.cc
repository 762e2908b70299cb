#include "cmd/bench_tally.h"

namespace carillon::bench {

void Tally::merge(const Tally& other) {
  delivered += other.delivered;
  duplicated += other.duplicated;
  reordered += other.reordered;
  lost += other.lost;
  other_frames += other.other_frames;
  error_frames += other.error_frames;
  payload_bytes += other.payload_bytes;
  reads += other.reads;
  for (const auto& [code, count] : other.closes) closes[code] += count;
  ended += other.ended;
  reset += other.reset;
  latency.merge(other.latency);
}

void Order::take(uint32_t sequence, Tally& tally) {
  if (sequence == next_) {
    next_++;
  } else if (sequence > next_) {
    if (!missing_) missing_ = std::make_unique<std::set<uint32_t>>();
    for (uint32_t n = next_; n < sequence; n++) missing_->insert(missing_->end(), n);
    next_ = sequence + 1;
  } else if (missing_ && missing_->erase(sequence) > 0) {
    tally.reordered++;
  } else {
    tally.duplicated++;
  }
}

}  // namespace carillon::bench
