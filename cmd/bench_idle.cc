#include <optional>
#include <string>

#include "cmd/bench_crowd.h"
#include "cmd/bench_process.h"
#include "cmd/bench_scenarios.h"

namespace carillon::bench {
namespace {

void add_memory(Report& report, const Run& run, const Memory& before, const Memory& after) {
  const double count = run.options.connections;
  const auto each = [&](uint64_t a, uint64_t b) { return (double(b) - double(a)) / count; };
  report.add("pss_before_bytes", "PSS before, bytes", before.pss_bytes);
  report.add("pss_after_bytes", "PSS with all connected, bytes", after.pss_bytes);
  report.add("pss_bytes_per_connection", "PSS per connection, bytes",
             each(before.pss_bytes, after.pss_bytes));
  report.add("anon_bytes_per_connection", "of that anonymous, bytes",
             each(before.anon_bytes, after.anon_bytes));
}

}  // namespace

Result<Report, Error> run_idle(const Run& run) {
  const uint32_t pid = run.options.server_pid;
  const auto before = pid ? read_memory(pid) : std::nullopt;
  const Measurement measurement(run, 1);
  CARILLON_TRY(const auto crowd, Crowd::connect(run, 0));
  const Cost cost = measurement.finish();
  const auto after = pid ? read_memory(pid) : std::nullopt;
  const Tally tally = crowd->stop(0).reading;

  Report report(run.options);
  if (before && after) add_memory(report, run, *before, *after);
  report.add("opened_per_s", "connections opened/s", run.options.connections / cost.wall_s);
  if (cost.server_cpu_s)
    report.add("server_cpu_us_per_connection", "server CPU per connection opened, µs",
               *cost.server_cpu_s * 1e6 / run.options.connections);
  report.add_cost(cost);
  report.add_order(tally);
  if (!before || !after)
    report.warn("memory is measured only with --pid of a server that this user may look into");
  return report;
}

}  // namespace carillon::bench
