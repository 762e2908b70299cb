#include "cmd/bench_crowd.h"
#include "cmd/bench_scenarios.h"

namespace carillon::bench {

Result<Report, Error> run_ping(const Run& run) {
  CARILLON_TRY(const auto crowd, Crowd::connect(run, 0));
  const uint64_t total = uint64_t{run.options.connections} * run.options.messages;
  const Measurement measurement(run, crowd->thread_count());
  crowd->start_pings();
  const bool is_complete = crowd->wait_for_answers(total);
  const Cost cost = measurement.finish();
  const Tally tally = crowd->stop(0).reading;

  Report report(run.options);
  report.add("round_trips", "round trips", tally.delivered);
  report.add("round_trips_per_s", "round trips/s", double(tally.delivered) / cost.wall_s);
  if (cost.server_cpu_s && tally.delivered > 0)
    report.add("server_cpu_us_per_round_trip", "server CPU per round trip, µs",
               *cost.server_cpu_s * 1e6 / double(tally.delivered));
  report.add_cost(cost);
  report.add_latency(tally.latency);
  report.add_order(tally);
  if (tally.error_frames > 0)
    report.fail("the server refused pings: its limit for client messages is below --rate");
  else if (!is_complete)
    report.fail("not every ping was answered");
  return report;
}

}  // namespace carillon::bench
