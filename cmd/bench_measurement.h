// What a stretch of a run costs: time, the server's CPU, the generator's own.
#pragma once

#include <cstdint>
#include <optional>

#include "cmd/bench_upgrade.h"

namespace carillon::bench {

struct Cost {
  double wall_s = 0;
  std::optional<double> server_cpu_s;  // when the server's process is known
  std::optional<double> layer_cpu_s;   // when the channel layer's is
  double generator_cpu_share = 0;      // of the CPUs that its threads can use at once, 0 to 1
};

// The load of the generator from which a throughput says more about it than about the server.
inline constexpr double kGeneratorShareMax = 0.9;

// Starts when it is made, as soon as the server has come to rest.
class Measurement {
 public:
  // `generator_threads` is how many threads of the generator do the work.
  Measurement(const Run& run, uint32_t generator_threads);

  // Ends it: wall clock first, then the server's CPU once it has come to rest.
  Cost finish() const;

 private:
  uint32_t server_pid_, layer_pid_;
  uint32_t generator_threads_;
  std::optional<uint64_t> server_cpu_ns_, layer_cpu_ns_;
  uint64_t generator_cpu_ns_ = 0;
  uint64_t start_ns_ = 0;
};

}  // namespace carillon::bench
