// All connections of a run, over as many threads as their number needs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "cmd/bench_swarm.h"

namespace carillon::bench {

// What a crowd has seen when it has stopped.
struct CrowdResult {
  Tally reading;  // members that read all the time
  Tally stalled;  // members that did not, until they resumed
};

// One thread, which also publishes. Borrows the Run.
class Crowd {
 public:
  // Connects everybody; an error when somebody was refused. `stalled_count` members then stop
  // reading.
  static Result<std::unique_ptr<Crowd>, Error> connect(const Run& run, uint32_t stalled_count);

  // False when nothing came in for the run's patience. `total` counts over all reading members.
  bool wait_for_answers(uint64_t total);
  uint64_t answered() const { return progress_.answered.value(); }
  void start_pings();
  void resume_stalled(uint32_t event_count);
  // Waits until each stalled member has been closed or has all events, or nothing more happens.
  void wait_for_stalled();
  // Closes everything. `event_count` events should have arrived at each member.
  CrowdResult stop(uint32_t event_count);

  uint32_t thread_count() const { return static_cast<uint32_t>(swarms_.size()); }

 private:
  explicit Crowd(const Run& run) : run_(run) {}

  const Run& run_;
  uint32_t stalled_count_ = 0;
  Progress progress_;
  std::vector<std::unique_ptr<Swarm>> swarms_;  // after progress_, which they borrow
};

}  // namespace carillon::bench
