// What the members of a run have received, and in which order.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "cmd/bench_histogram.h"

namespace carillon::bench {

// Sums over members; each thread keeps its own and they are merged at the end.
struct Tally {
  uint64_t delivered = 0;  // stamped events, or pongs
  uint64_t duplicated = 0;
  uint64_t reordered = 0;               // came after a later one
  uint64_t lost = 0;                    // counted when the run is over
  uint64_t other_frames = 0;            // greetings, states, errors
  uint64_t error_frames = 0;            // of those, {"type":"error",…}
  uint64_t payload_bytes = 0;           // of the delivered
  uint64_t reads = 0;                   // recv() calls that brought something
  std::map<uint16_t, uint64_t> closes;  // close frames by code
  uint64_t ended = 0;                   // end of stream without a close frame
  uint64_t reset = 0;
  Histogram latency;  // of the delivered, from their stamp

  void merge(const Tally& other);
};

// One member's place in the numbered events, which start at 0. 16 bytes while nothing is missing.
class Order {
 public:
  void take(uint32_t sequence, Tally& tally);
  // The first number that has not been passed yet.
  uint32_t next() const noexcept { return next_; }
  // Numbers below next() that never came.
  uint64_t gap_count() const noexcept { return missing_ ? missing_->size() : 0; }

 private:
  uint32_t next_ = 0;
  std::unique_ptr<std::set<uint32_t>> missing_;
};

}  // namespace carillon::bench
