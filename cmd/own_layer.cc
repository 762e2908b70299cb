#include "cmd/own_layer.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "carillon/base/random.h"
#include "carillon/layer/redis_core_layer.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/layer/redis_pubsub_layer.h"
#include "carillon/log/logger.h"
#include "carillon/metrics/registry.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "cmd/redis_check.h"

namespace carillon::cmd {
namespace {

using layer::Addressed;
using layer::SendResult;

// Of a process without sockets: whoever wants a group is told here.
class Listener final : public layer::Gateway {
 public:
  bool has_room(std::span<const Addressed>) override { return true; }
  void deliver(const Addressed& addressed) override {
    if (on_event) on_event(addressed);
  }
  void deliver_direct(std::string_view, layer::EventPtr) override {}

  std::function<void(const Addressed&)> on_event;
};

struct Process {
  Listener listener;
  metrics::Registry registry;
  std::unique_ptr<layer::ChannelLayer> layer;
};

// The loop of one command, and the processes that it plays. The layers go before what they stand
// on.
class Stage final : public net::TimerHandler {
 public:
  Stage(std::unique_ptr<net::EventLoop> loop, const OwnLayerOptions& options)
      : options_(options), loop_(std::move(loop)), timer_(loop_->timers().add(*this)) {}
  ~Stage() {
    size_t waiting_count = processes_.size();
    for (const auto& process : processes_) {
      process->layer->stop([&waiting_count] { --waiting_count; });
    }
    (void)run_until([&waiting_count] { return waiting_count == 0; });  // what is left expires
    processes_.clear();
    loop_->timers().remove(timer_);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Process& add(const layer::RedisLayerOptions& layer_options) {
    Process& process = *processes_.emplace_back(std::make_unique<Process>());
    const layer::RedisLayerParts parts{*loop_, resolver_, process.listener, logger_,
                                       process.registry};
    if (options_.settings.backend == "pubsub") {
      process.layer = std::make_unique<layer::RedisPubSubLayer>(parts, layer_options);
    } else {
      process.layer = std::make_unique<layer::RedisCoreLayer>(parts, layer_options);
    }
    return process;
  }

  Result<void, Error> wait_until_ready() {
    const auto is_ready = [](const auto& process) { return process->layer->is_ready(); };
    if (run_until([&] { return std::ranges::all_of(processes_, is_ready); })) return {};
    const auto unready = std::ranges::find_if_not(processes_, is_ready);
    return Err(Error{"redis_timeout", (*unready)->layer->trouble()});
  }

  // False when the time is over.
  bool run_until(const std::function<bool()>& is_done) {
    const uint64_t deadline_ms = options_.clock.monotonic_ms() + options_.timeout_ms;
    while (!is_done() && options_.clock.monotonic_ms() < deadline_ms) {
      loop_->timers().schedule(timer_, options_.clock.monotonic_ms());
      loop_->run();
    }
    return is_done();
  }
  // Something has happened that run_until() may wait for.
  void look() { loop_->stop(); }

  void on_timer() override { loop_->stop(); }

 private:
  const OwnLayerOptions& options_;
  std::unique_ptr<net::EventLoop> loop_;
  net::Resolver resolver_;
  log::Logger logger_{{.write = [](std::string_view) {}}};  // the command says what there is to say
  net::TimerId timer_;
  std::vector<std::unique_ptr<Process>> processes_;
};

// What stands against it, faster and better told than by waiting for the layer.
Result<layer::RedisLayerOptions, Error> checked_options(const OwnLayerOptions& options) {
  CARILLON_TRY(layer::RedisLayerOptions found, layer::redis_layer_options(options.settings));
  for (const redis::Location& location : found.hosts) {
    // It shares nothing but events.
    for (const Finding& finding :
         redis_findings(location, options.settings, false, options.clock, options.timeout_ms)) {
      if (finding.verdict != Verdict::kBad) continue;
      const std::string remedy = finding.remedy.empty() ? "" : "; " + finding.remedy;
      return Err(Error{"redis", finding.subject + ": " + finding.what + remedy});
    }
  }
  return found;
}

Result<SendResult, Error> send(Stage& stage, layer::ChannelLayer& layer, const Addressed& one) {
  const auto sent = std::make_shared<std::optional<SendResult>>();  // the answer may come too late
  layer.group_send({&one, 1}, [&stage, sent](SendResult result) {
    *sent = std::move(result);
    stage.look();
  });
  if (!stage.run_until([&sent] { return sent->has_value(); })) {
    return Err(Error{"redis_timeout", "Redis does not answer; the event may have been sent"});
  }
  SendResult result = **sent;
  if (result.outcome == layer::SendOutcome::kUnavailable) {
    return Err(Error{"redis", result.trouble.empty() ? layer.trouble() : result.trouble});
  }
  return result;
}

// The group is nobody else's, so that nobody else sees its event.
struct Trip {
  const std::string group = "carillon.test." + random_hex(8);
  const Addressed addressed{group,
                            std::make_shared<const layer::Event>(layer::Event::make_internal(
                                json::Value::object({{"type", json::Value("test_websocket")}})))};
  bool has_joined = false;
  std::optional<uint64_t> received_at_ms;
};

Result<void, Error> join(Stage& stage, Process& process, Trip& trip, const Clock& clock) {
  process.listener.on_event = [&stage, &trip, &clock](const Addressed& addressed) {
    if (addressed.group != trip.group) return;
    trip.received_at_ms = clock.monotonic_ms();
    stage.look();
  };
  process.layer->gateway_add(trip.group);
  process.layer->when_joined(trip.group, [&stage, &trip] {
    trip.has_joined = true;
    stage.look();
  });
  if (stage.run_until([&trip] { return trip.has_joined; })) return {};
  return Err(Error{"redis_timeout", "a group cannot be joined; look at the log of Redis"});
}

}  // namespace

Result<SendResult, Error> send_through_layer(const OwnLayerOptions& options,
                                             const Addressed& addressed) {
  CARILLON_TRY(const layer::RedisLayerOptions layer_options, checked_options(options));
  CARILLON_TRY(auto loop, net::EventLoop::make(options.clock));
  Stage stage(std::move(loop), options);
  const Process& process = stage.add(layer_options);
  if (auto ready = stage.wait_until_ready(); !ready) return Err(ready.error());
  return send(stage, *process.layer, addressed);
}

Result<uint64_t, Error> measure_round_trip(const OwnLayerOptions& options) {
  CARILLON_TRY(const layer::RedisLayerOptions layer_options, checked_options(options));
  CARILLON_TRY(auto loop, net::EventLoop::make(options.clock));
  Trip trip;  // outlives the layers, which borrow it
  Stage stage(std::move(loop), options);
  Process& there = stage.add(layer_options);
  const Process& here = stage.add(layer_options);
  if (auto ready = stage.wait_until_ready(); !ready) return Err(ready.error());
  if (auto joined = join(stage, there, trip, options.clock); !joined) return Err(joined.error());
  const uint64_t sent_at_ms = options.clock.monotonic_ms();
  const auto sent = send(stage, *here.layer, trip.addressed);
  if (!sent) return Err(sent.error());
  if (!stage.run_until([&trip] { return trip.received_at_ms.has_value(); })) {
    return Err(Error{"redis_timeout",
                     "an event that Redis took did not come back; look at the log of Redis"});
  }
  return *trip.received_at_ms - sent_at_ms;
}

}  // namespace carillon::cmd
