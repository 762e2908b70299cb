// Every channel layer that queues keeps the same promises. (Pub/Sub has no queues: its own tests.)
#include "carillon/layer/channel_layer_contract.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "carillon/base/clock.h"
#include "carillon/layer/memory_layer.h"
#include "carillon/layer/redis_layer_test.h"

namespace carillon::layer {
namespace {

// Works inside the calls, so there is nothing to wait for.
class MemoryLayerUnderTest final : public LayerUnderTest {
 public:
  ChannelLayer& layer() override { return layer_; }
  RecordingGateway& gateway() override { return gateway_; }
  void run_until(const std::function<bool()>&) override {}
  void pass_ms(uint64_t ms) override { clock_.advance_ms(static_cast<int64_t>(ms)); }

 private:
  FakeClock clock_;
  RecordingGateway gateway_;
  MemoryLayer layer_{{}, gateway_, clock_};
};

std::unique_ptr<LayerUnderTest> make_memory_layer() {
  return std::make_unique<MemoryLayerUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(MemoryLayer, ChannelLayerContract, testing::Values(make_memory_layer));
INSTANTIATE_TEST_SUITE_P(MemoryLayer,
                         ChannelLayerExpiryContract,
                         testing::Values(make_memory_layer));

// Beyond the reader of the process's own channel, a reader that waits for a named one.
constexpr int64_t kBothReadersBlocked = 2;
// By then whatever is in Redis has arrived, once both readers are seen to wait there.
constexpr uint64_t kQuietMs = 1'000;

class CoreLayerUnderTest final : public LayerUnderTest {
 public:
  CoreLayerUnderTest() {
    EXPECT_TRUE(node_.becomes_ready());
    // The reader of named channels connects with the first that is asked for.
    node_.layer().receive("unused", [](const EventPtr&) {});
    EXPECT_TRUE(loop_.tick_until([this] { return is_quiet(); }));
  }

  ChannelLayer& layer() override { return node_.layer(); }
  RecordingGateway& gateway() override { return node_.gateway; }
  void run_until(const std::function<bool()>& is_done) override {
    const uint64_t quiet_ms = system_clock().monotonic_ms() + kQuietMs;
    (void)loop_.run_until(
        [&] { return is_done() || (system_clock().monotonic_ms() >= quiet_ms && is_quiet()); });
  }
  void pass_ms(uint64_t ms) override { loop_.clock.advance_ms(static_cast<int64_t>(ms)); }

 private:
  bool is_quiet() {
    const std::string info = server_.run({"INFO", "clients"}).text;
    const size_t found = info.find("blocked_clients:");
    return found != std::string::npos &&
           std::strtoll(info.c_str() + found + 16, nullptr, 10) >= kBothReadersBlocked;
  }

  redis::RedisServer server_;
  LayerLoop loop_;
  LayerNode<RedisCoreLayer> node_{loop_, core_options({server_.location()})};
};

std::unique_ptr<LayerUnderTest> make_core_layer() {
  return std::make_unique<CoreLayerUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(RedisCoreLayer, ChannelLayerContract, testing::Values(make_core_layer));

}  // namespace
}  // namespace carillon::layer
