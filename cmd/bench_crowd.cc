#include "cmd/bench_crowd.h"

#include <string>

namespace carillon::bench {
namespace {

// A stalled member is closed by the server five seconds after its close frame at the latest.
constexpr uint32_t kStalledPatienceS = 8;

uint32_t slice(uint32_t total, uint32_t part, uint32_t parts) {
  return total / parts + (part < total % parts ? 1 : 0);
}

}  // namespace

Result<std::unique_ptr<Crowd>, Error> Crowd::connect(const Run& run, uint32_t stalled_count) {
  std::unique_ptr<Crowd> crowd(new Crowd(run));
  crowd->stalled_count_ = stalled_count;
  const uint32_t count = run.options.connections;
  const uint32_t threads = (count + kTableConnectionsMax - 1) / kTableConnectionsMax;
  Share share;
  share.pings_per_s = run.options.rate * count / threads;
  share.has_own_descriptors = threads > 1;
  for (uint32_t i = 0; i < threads; i++) {
    share.count = slice(count, i, threads);
    share.stalled_count = slice(stalled_count, i, threads);
    crowd->swarms_.push_back(std::make_unique<Swarm>(run, crowd->progress_, share));
    share.first += share.count;
  }
  for (auto& swarm : crowd->swarms_) swarm->start();
  const bool is_settled = crowd->progress_.settled.wait_for(count, run.options.timeout_s);
  const uint64_t settled = crowd->progress_.settled.value();
  // Stopped before it is read, unless all went well: the counts belong to the threads.
  if (!is_settled) {
    crowd->stop(0);
    return Err(Error{"handshake_timeout", "only " + std::to_string(settled) + " of " +
                                              std::to_string(count) +
                                              " connections were answered within the time"});
  }
  for (auto& swarm : crowd->swarms_) {
    if (swarm->refused_count() == 0) continue;
    const std::string text = std::to_string(swarm->refused_count()) + " of " +
                             std::to_string(count) +
                             " connections were refused: " + swarm->first_refusal();
    crowd->stop(0);
    return Err(Error{"refused", text});
  }
  return crowd;
}

bool Crowd::wait_for_answers(uint64_t total) {
  return progress_.answered.wait_for(total, run_.options.timeout_s);
}

void Crowd::start_pings() {
  for (auto& swarm : swarms_) swarm->start_pings();
}

void Crowd::resume_stalled(uint32_t event_count) {
  for (auto& swarm : swarms_) swarm->resume_stalled(event_count);
}

void Crowd::wait_for_stalled() {
  progress_.recovered.wait_for(stalled_count_, kStalledPatienceS);
}

CrowdResult Crowd::stop(uint32_t event_count) {
  CrowdResult result;
  for (auto& swarm : swarms_) {
    swarm->stop();
    swarm->count_lost(event_count);
    result.reading.merge(swarm->reading());
    result.stalled.merge(swarm->stalled());
  }
  return result;
}

}  // namespace carillon::bench
