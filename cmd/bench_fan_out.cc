#include <algorithm>
#include <string>

#include "cmd/bench_crowd.h"
#include "cmd/bench_event.h"
#include "cmd/bench_publisher.h"
#include "cmd/bench_scenarios.h"

namespace carillon::bench {
namespace {

// Publishes in batches and waits as the scenario asks.
class FanOut {
 public:
  FanOut(const Run& run, Crowd& crowd, Publisher& publisher)
      : run_(run), crowd_(crowd), publisher_(publisher) {}

  // `is_measured` events carry the time and count for latency.
  Result<void, Error> publish(uint32_t count, bool is_measured) {
    const uint32_t end = published_ + count;
    while (published_ < end) {
      const uint32_t batch = std::min(run_.options.in_flight, end - published_);
      const uint64_t stamp_ns = is_measured ? now_ns() : 0;
      if (auto sent = publisher_.publish(published_, batch, stamp_ns); !sent) return sent;
      if (auto answered = publisher_.wait_for_answers(); !answered) return answered;
      published_ += batch;
      if (run_.options.in_flight == 1 || run_.options.lockstep) is_complete_ = wait_for_all();
      if (!is_complete_) return {};
    }
    is_complete_ = wait_for_all();
    return {};
  }

  uint32_t published() const { return published_; }
  bool is_complete() const { return is_complete_; }

 private:
  bool wait_for_all() {
    return crowd_.wait_for_answers(uint64_t{published_} * run_.options.connections);
  }

  const Run& run_;
  Crowd& crowd_;
  Publisher& publisher_;
  uint32_t published_ = 0;
  bool is_complete_ = true;
};

Report report_of(const Run& run, const Cost& cost, const Tally& tally) {
  Report report(run.options);
  const double deliveries = double(run.options.messages) * run.options.connections;
  const auto ratio = [](uint64_t a, uint64_t b) { return b == 0 ? 0 : double(a) / double(b); };
  report.add("messages", "events published", run.options.messages);
  report.add("in_flight", "written together", run.options.in_flight);
  report.add("frame_bytes", "payload, bytes", ratio(tally.payload_bytes, tally.delivered));
  report.add("deliveries_per_s", "deliveries/s", deliveries / cost.wall_s);
  if (cost.server_cpu_s)
    report.add("server_cpu_us_per_delivery", "server CPU per delivery, µs",
               *cost.server_cpu_s * 1e6 / deliveries);
  if (cost.layer_cpu_s)
    report.add("layer_cpu_us_per_event", "channel layer's CPU per event, µs",
               *cost.layer_cpu_s * 1e6 / run.options.messages);
  report.add("frames_per_read", "frames per read", ratio(tally.delivered, tally.reads));
  report.add_cost(cost);
  report.add_latency(tally.latency);
  report.add_order(tally);
  return report;
}

}  // namespace

Result<Report, Error> run_fan_out(const Run& run) {
  CARILLON_TRY(Publisher publisher, Publisher::connect(run));
  CARILLON_TRY(const auto crowd, Crowd::connect(run, 0));
  FanOut fan_out(run, *crowd, publisher);
  if (auto warmed = fan_out.publish(run.options.warm_up * run.options.in_flight, false); !warmed)
    return Err(warmed.error());
  const Measurement measurement(run, crowd->thread_count());
  if (fan_out.is_complete())
    if (auto sent = fan_out.publish(run.options.messages, true); !sent) return Err(sent.error());
  const Cost cost = measurement.finish();
  return report_of(run, cost, crowd->stop(fan_out.published()).reading);
}

}  // namespace carillon::bench
