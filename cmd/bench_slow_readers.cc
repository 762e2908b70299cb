#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "cmd/bench_crowd.h"
#include "cmd/bench_event.h"
#include "cmd/bench_process.h"
#include "cmd/bench_publisher.h"
#include "cmd/bench_scenarios.h"

namespace carillon::bench {
namespace {

constexpr uint64_t kSampleIntervalNs = 250'000'000;

// Publishes on a timetable that the server cannot slow down (no coordinated omission), and looks
// at the server's memory meanwhile.
class OpenLoop {
 public:
  OpenLoop(const Run& run, Crowd& crowd, Publisher& publisher)
      : run_(run), crowd_(crowd), publisher_(publisher) {}

  Result<void, Error> publish(uint32_t first, uint32_t event_count) {
    const double interval_ns = 1e9 / run_.options.rate;
    start_ns_ = now_ns();
    for (uint32_t i = 0; i < run_.options.messages; i++) {
      const uint64_t due = start_ns_ + static_cast<uint64_t>(i * interval_ns);
      if (auto pumped = publisher_.pump_until(due); !pumped) return pumped;
      if (auto sent = publisher_.publish(first + i, 1, due); !sent) return sent;
      sample_memory();
      resume_when_due(event_count);
    }
    return publisher_.wait_for_answers();
  }

  const std::vector<uint64_t>& samples() const { return samples_; }

  void sample_memory() {
    if (run_.options.server_pid == 0 || now_ns() < sampled_ns_ + kSampleIntervalNs) return;
    if (const auto memory = read_memory(run_.options.server_pid))
      samples_.push_back(memory->pss_bytes);
    sampled_ns_ = now_ns();
  }

 private:
  void resume_when_due(uint32_t event_count) {
    if (run_.options.stall_ms == 0 || has_resumed_) return;
    if (now_ns() < start_ns_ + uint64_t{run_.options.stall_ms} * 1'000'000) return;
    has_resumed_ = true;
    crowd_.resume_stalled(event_count);
  }

  const Run& run_;
  Crowd& crowd_;
  Publisher& publisher_;
  std::vector<uint64_t> samples_;
  uint64_t start_ns_ = 0, sampled_ns_ = 0;
  bool has_resumed_ = false;
};

void add_stalled(Report& report, uint32_t stalled_count, const Tally& tally) {
  uint64_t ended = tally.ended + tally.reset;
  for (const auto& [code, count] : tally.closes) {
    report.add("stalled_closed_" + std::to_string(code),
               "stalled: closed with " + std::to_string(code), count);
    ended += count;
  }
  report.add("stalled", "stalled readers", stalled_count);
  report.add("stalled_reset", "stalled: reset after the close timeout", tally.reset);
  report.add("stalled_ended", "stalled: ended without a close frame", tally.ended);
  report.add("stalled_open", "stalled: still connected", stalled_count - ended);
  report.add("stalled_received", "stalled: events received", tally.delivered);
  report.add("stalled_lost", "stalled: lost without being told", tally.lost);
  report.add("stalled_disorder", "stalled: duplicated or out of order",
             tally.duplicated + tally.reordered);
  if (tally.lost + tally.duplicated + tally.reordered > 0)
    report.fail("stalled readers miss events, or have some twice, and were not told");
}

void add_memory(Report& report, const std::vector<uint64_t>& samples) {
  if (samples.empty()) return;
  json::Value::Array values(samples.begin(), samples.end());
  report.add("pss_start_bytes", "server PSS at the start, bytes", samples.front());
  report.add("pss_peak_bytes", "server PSS at its peak, bytes",
             *std::max_element(samples.begin(), samples.end()));
  report.add("pss_end_bytes", "server PSS at the end, bytes", samples.back());
  report.add_hidden("pss_samples_bytes", json::Value::array(std::move(values)));
}

}  // namespace

Result<Report, Error> run_slow_readers(const Run& run) {
  const double share = run.options.stalled_percent / 100;
  const auto stalled_count = static_cast<uint32_t>(std::lround(run.options.connections * share));
  const uint64_t reading_count = run.options.connections - stalled_count;
  const uint32_t event_count = run.options.warm_up + run.options.messages;
  CARILLON_TRY(Publisher publisher, Publisher::connect(run));
  CARILLON_TRY(const auto crowd, Crowd::connect(run, stalled_count));
  OpenLoop load(run, *crowd, publisher);
  load.sample_memory();
  for (uint32_t i = 0; i < run.options.warm_up; i++) {
    if (auto sent = publisher.publish(i, 1, 0); !sent) return Err(sent.error());
    crowd->wait_for_answers((i + 1) * reading_count);
  }
  const Measurement measurement(run, crowd->thread_count());
  if (auto sent = load.publish(run.options.warm_up, event_count); !sent) return Err(sent.error());
  crowd->wait_for_answers(event_count * reading_count);
  const Cost cost = measurement.finish();
  load.sample_memory();
  crowd->resume_stalled(event_count);
  crowd->wait_for_stalled();
  const CrowdResult result = crowd->stop(event_count);

  Report report(run.options);
  report.add("messages", "events published", run.options.messages);
  report.add("rate", "events/s", run.options.rate);
  report.add("body_bytes", "event, bytes", run.options.body_bytes);
  report.add_cost(cost);
  report.add_latency(result.reading.latency);
  report.add_order(result.reading);
  add_stalled(report, stalled_count, result.stalled);
  add_memory(report, load.samples());
  return report;
}

}  // namespace carillon::bench
