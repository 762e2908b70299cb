// Redis layers against a real Redis, on a loop whose clock stands still until it is moved.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "carillon/base/clock.h"
#include "carillon/layer/recording_gateway_test.h"
#include "carillon/layer/redis_core_layer.h"
#include "carillon/layer/redis_pubsub_layer.h"
#include "carillon/net/event_loop.h"
#include "carillon/redis/server_test.h"

namespace carillon::layer {

// One loop for all layers of a test, so that they can be driven together.
class LayerLoop final : private net::TurnHandler {
 public:
  LayerLoop() {
    auto made = net::EventLoop::make(clock);
    EXPECT_TRUE(made);
    loop_ = std::move(*made);
    loop_->set_turn_handler(this);
  }
  net::EventLoop& loop() { return *loop_; }

  // Until `is_done`; false after `patience_ms` of real time.
  bool run_until(std::function<bool()> is_done, uint64_t patience_ms = 60'000) {
    is_done_ = std::move(is_done);
    until_ms_ = system_clock().monotonic_ms() + patience_ms;
    loop_->post([] {});  // it may be true already
    loop_->run();
    return std::exchange(is_done_, nullptr)();
  }

  // The same while time passes as it does outside, for what waits for its timers: connecting,
  // recovering.
  bool tick_until(const std::function<bool()>& is_done) {
    uint64_t before_ms = system_clock().monotonic_ms();
    return run_until([&] {
      const uint64_t now_ms = system_clock().monotonic_ms();
      clock.advance_ms(static_cast<int64_t>(now_ms - std::exchange(before_ms, now_ms)));
      return is_done();
    });
  }

  FakeClock clock;

 private:
  bool on_turn_end() override {
    if (is_done_ && (is_done_() || system_clock().monotonic_ms() >= until_ms_)) loop_->stop();
    return false;
  }

  std::unique_ptr<net::EventLoop> loop_;
  std::function<bool()> is_done_;
  uint64_t until_ms_ = 0;
};

// One process of a fleet: its layer, what reaches its sockets, what it counts and logs.
template <class Layer>
class LayerNode {
 public:
  LayerNode(LayerLoop& loop, RedisLayerOptions options)
      : loop_(loop),
        logger({.write = [this](std::string_view line) { lines += line; }}),
        layer_(std::make_unique<Layer>(
            RedisLayerParts{loop.loop(), resolver_, gateway, logger, registry},
            std::move(options))) {}

  Layer& layer() { return *layer_; }
  void destroy() { layer_.reset(); }
  [[nodiscard]] bool becomes_ready() {
    const bool is_ready = loop_.tick_until([this] { return layer_->is_ready(); });
    EXPECT_TRUE(is_ready) << layer_->trouble();
    return is_ready;
  }
  [[nodiscard]] bool joins(std::string_view group) {
    bool has_joined = false;
    layer_->gateway_add(group);
    layer_->when_joined(group, [&] { has_joined = true; });
    return loop_.run_until([&] { return has_joined; });
  }
  SendResult group_send(const std::vector<Addressed>& batch) {
    std::optional<SendResult> result;
    layer_->group_send(batch, [&](SendResult sent) { result = std::move(sent); });
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return result.value_or(SendResult{});
  }
  void stop() {
    bool has_stopped = false;
    layer_->stop([&] { has_stopped = true; });
    EXPECT_TRUE(loop_.tick_until([&] { return has_stopped; }));
  }

 private:
  LayerLoop& loop_;
  net::Resolver resolver_;

 public:
  std::string lines;
  log::Logger logger;
  metrics::Registry registry;
  RecordingGateway gateway;

 private:
  std::unique_ptr<Layer> layer_;
};

inline EventPtr numbered_event(int number) {
  json::Value object = json::Value::object();
  object.set("type", json::Value("test.event"));
  object.set("n", json::Value(number));
  auto made = Event::make(std::move(object));
  EXPECT_TRUE(made);
  return std::make_shared<const Event>(std::move(*made));
}

inline std::vector<int64_t> numbers_of(const RecordingGateway& gateway) {
  std::vector<int64_t> numbers;
  for (const Addressed& addressed : gateway.delivered) {
    numbers.push_back(addressed.event->object().find("n")->as_int64().value_or(-1));
  }
  return numbers;
}

inline RedisLayerOptions core_options(std::vector<redis::Location> hosts) {
  return {.hosts = std::move(hosts), .serializer = core_serializer_options({})};
}

inline RedisLayerOptions pubsub_options(std::vector<redis::Location> hosts) {
  return {.hosts = std::move(hosts), .serializer = pubsub_serializer_options({})};
}

}  // namespace carillon::layer
