#include "carillon/layer/memory_layer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "carillon/base/clock.h"
#include "carillon/layer/recording_gateway_test.h"

namespace carillon::layer {
namespace {

class MemoryLayerTest : public testing::Test {
 protected:
  static EventPtr event() {
    auto made = Event::make("news", json::Value::object());
    EXPECT_TRUE(made);
    return std::make_shared<const Event>(std::move(*made));
  }
  SendOutcome send(const std::string& channel) {
    SendOutcome outcome{};
    layer_.send(channel, event(), [&](const SendResult& result) { outcome = result.outcome; });
    return outcome;
  }

  FakeClock clock_;
  RecordingGateway gateway_;
  MemoryLayer layer_{{.capacity = 2, .expiry_ms = 1'000, .channel_count_max = 3}, gateway_, clock_};
};

TEST_F(MemoryLayerTest, BoundsTheChannelsThatHoldEvents) {
  for (const char* channel : {"a", "b", "c"}) EXPECT_EQ(send(channel), SendOutcome::kAccepted);
  EXPECT_EQ(send("d"), SendOutcome::kChannelFull);
  EXPECT_EQ(send("a"), SendOutcome::kAccepted);
  for (int i = 0; i < 2; ++i) layer_.receive("a", [](const EventPtr&) {});
  EXPECT_EQ(send("d"), SendOutcome::kAccepted) << "an emptied channel is forgotten";
}

TEST_F(MemoryLayerTest, ForgetsChannelsWhoseEventsHaveAllExpired) {
  for (const char* channel : {"a", "b", "c"}) EXPECT_EQ(send(channel), SendOutcome::kAccepted);
  EXPECT_EQ(send("d"), SendOutcome::kChannelFull);
  clock_.advance_ms(1'000);
  for (const char* channel : {"d", "e", "f"}) EXPECT_EQ(send(channel), SendOutcome::kAccepted);
  EXPECT_EQ(layer_.expired_count(), 3u);
}

TEST_F(MemoryLayerTest, KeepsReceiversWhenItForgetsChannels) {
  int got_count = 0;
  layer_.receive("a", [&](const EventPtr&) { ++got_count; });
  for (const char* channel : {"b", "c"}) EXPECT_EQ(send(channel), SendOutcome::kAccepted);
  clock_.advance_ms(1'000);
  for (const char* channel : {"d", "e"}) EXPECT_EQ(send(channel), SendOutcome::kAccepted);
  EXPECT_EQ(send("a"), SendOutcome::kAccepted);
  EXPECT_EQ(got_count, 1);
}

TEST_F(MemoryLayerTest, CountsWhatExpired) {
  EXPECT_EQ(send("a"), SendOutcome::kAccepted);
  EXPECT_EQ(send("a"), SendOutcome::kAccepted);
  clock_.advance_ms(1'000);
  EXPECT_EQ(send("a"), SendOutcome::kAccepted);
  EXPECT_EQ(layer_.expired_count(), 2u);
}

TEST_F(MemoryLayerTest, LetsAReceiverReceiveAgain) {
  int got_count = 0;
  layer_.receive("a", [&](const EventPtr&) {
    ++got_count;
    layer_.receive("a", [&](const EventPtr&) { ++got_count; });
  });
  for (int i = 0; i < 2; ++i) EXPECT_EQ(send("a"), SendOutcome::kAccepted);
  EXPECT_EQ(got_count, 2);
}

TEST_F(MemoryLayerTest, LetsAReceiverLeaveTheGroupThatIsBeingSentTo) {
  int got_count = 0;
  for (const char* channel : {"a", "b"}) {
    layer_.group_add("group", channel);
    layer_.receive(channel, [this, &got_count](const EventPtr&) {
      ++got_count;
      for (const char* name : {"a", "b"}) layer_.group_discard("group", name);
    });
  }
  const Addressed addressed{"group", event(), 100};
  layer_.group_send({&addressed, 1}, [](const SendResult&) {});
  EXPECT_EQ(got_count, 2);
}

}  // namespace
}  // namespace carillon::layer
