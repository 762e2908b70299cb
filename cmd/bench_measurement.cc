#include "cmd/bench_measurement.h"

#include <time.h>

#include <algorithm>

#include "cmd/bench_event.h"
#include "cmd/bench_process.h"

namespace carillon::bench {
namespace {

uint64_t own_cpu_ns() {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(used.tv_nsec);
}

std::optional<uint64_t> settled_cpu_ns(uint32_t pid) {
  return pid == 0 ? std::nullopt : read_settled_cpu_ns(pid);
}

std::optional<double> seconds_since(std::optional<uint64_t> start_ns, uint32_t pid) {
  const auto end_ns = settled_cpu_ns(pid);
  if (!start_ns || !end_ns) return std::nullopt;
  return static_cast<double>(*end_ns - *start_ns) / 1e9;
}

}  // namespace

Measurement::Measurement(const Run& run, uint32_t generator_threads)
    : server_pid_(run.options.server_pid),
      layer_pid_(run.options.layer_pid),
      generator_threads_(generator_threads),
      server_cpu_ns_(settled_cpu_ns(server_pid_)),
      layer_cpu_ns_(settled_cpu_ns(layer_pid_)),
      generator_cpu_ns_(own_cpu_ns()),
      start_ns_(now_ns()) {}

Cost Measurement::finish() const {
  Cost cost;
  cost.wall_s = static_cast<double>(now_ns() - start_ns_) / 1e9;
  const double own_s = static_cast<double>(own_cpu_ns() - generator_cpu_ns_) / 1e9;
  const uint32_t cpus = std::max(1U, std::min(usable_cpu_count(), generator_threads_));
  cost.generator_cpu_share = own_s / cost.wall_s / cpus;
  cost.server_cpu_s = seconds_since(server_cpu_ns_, server_pid_);
  cost.layer_cpu_s = seconds_since(layer_cpu_ns_, layer_pid_);
  return cost;
}

}  // namespace carillon::bench
