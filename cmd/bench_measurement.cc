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

std::optional<uint64_t> server_cpu_ns(uint32_t pid) {
  return pid == 0 ? std::nullopt : read_settled_cpu_ns(pid);
}

}  // namespace

Measurement::Measurement(const Run& run, uint32_t generator_threads)
    : server_pid_(run.options.server_pid),
      generator_threads_(generator_threads),
      server_cpu_ns_(server_cpu_ns(server_pid_)),
      generator_cpu_ns_(own_cpu_ns()),
      start_ns_(now_ns()) {}

Cost Measurement::finish() const {
  Cost cost;
  cost.wall_s = static_cast<double>(now_ns() - start_ns_) / 1e9;
  const double own_s = static_cast<double>(own_cpu_ns() - generator_cpu_ns_) / 1e9;
  const uint32_t cpus = std::max(1U, std::min(usable_cpu_count(), generator_threads_));
  cost.generator_cpu_share = own_s / cost.wall_s / cpus;
  const auto server_end_ns = server_cpu_ns(server_pid_);
  if (server_cpu_ns_ && server_end_ns)
    cost.server_cpu_s = static_cast<double>(*server_end_ns - *server_cpu_ns_) / 1e9;
  return cost;
}

}  // namespace carillon::bench
