// What every channel layer promises, as one suite: a layer's test instantiates it with the way to
// make that layer.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "carillon/layer/channel_layer.h"
#include "carillon/layer/name.h"
#include "carillon/layer/recording_gateway_test.h"

namespace carillon::layer {

// A layer with Channels' default limits (capacity 100, expiry 60 s, group expiry one day), nothing
// in it, and what drives it.
class LayerUnderTest {
 public:
  virtual ~LayerUnderTest() = default;
  virtual ChannelLayer& layer() = 0;
  virtual RecordingGateway& gateway() = 0;
  // Lets the layer work until `is_done`, or until nothing more can come.
  virtual void run_until(const std::function<bool()>& is_done) = 0;
  // Lets `ms` pass for the layer.
  virtual void pass_ms(uint64_t ms) = 0;
};

using MakeLayer = std::unique_ptr<LayerUnderTest> (*)();

class ChannelLayerContract : public testing::TestWithParam<MakeLayer> {
 protected:
  static constexpr size_t kCapacity = 100;
  static constexpr uint64_t kExpiryMs = 60'000;
  static constexpr uint64_t kGroupExpiryMs = 86'400'000;

  static EventPtr event(int number) {
    json::Value fields = json::Value::object();
    fields.set("n", json::Value(number));
    auto made = Event::make("test.event", std::move(fields));
    EXPECT_TRUE(made);
    return std::make_shared<const Event>(std::move(*made));
  }
  static std::optional<int64_t> number_of(const Event& event) {
    const json::Value* number = event.object().find("n");
    return number == nullptr ? std::nullopt : number->as_int64();
  }

  ChannelLayer& layer() { return under_test_->layer(); }
  RecordingGateway& gateway() { return under_test_->gateway(); }
  void pass_ms(uint64_t ms) { under_test_->pass_ms(ms); }
  void run_until(const std::function<bool()>& is_done) { under_test_->run_until(is_done); }

  SendOutcome send(std::string_view channel, int number) {
    std::optional<SendResult> result;
    layer().send(channel, event(number), [&](const SendResult& sent) { result = sent; });
    run_until([&] { return result.has_value(); });
    EXPECT_TRUE(result) << "`then` was not called";
    return result.value_or(SendResult{}).outcome;
  }
  SendResult group_send(const std::vector<std::pair<std::string, int>>& batch) {
    std::vector<Addressed> addressed;
    for (const auto& [group, number] : batch) addressed.push_back({group, event(number), 100});
    std::optional<SendResult> result;
    layer().group_send(addressed, [&](const SendResult& sent) { result = sent; });
    run_until([&] { return result.has_value(); });
    EXPECT_TRUE(result) << "`then` was not called";
    return result.value_or(SendResult{});
  }
  // The number of the next event of `channel`; none when no event is there, and then its receiver
  // goes on waiting.
  std::optional<int64_t> receive(std::string_view channel) {
    auto number = std::make_shared<std::optional<int64_t>>();
    layer().receive(channel, [number](const EventPtr& got) { *number = number_of(*got); });
    run_until([&] { return number->has_value(); });
    return *number;
  }

 private:
  const std::unique_ptr<LayerUnderTest> under_test_ = GetParam()();
};

// What depends on the very millisecond; for layers that know no other clock than the test's.
class ChannelLayerExpiryContract : public ChannelLayerContract {};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ChannelLayerContract);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ChannelLayerExpiryContract);

TEST_P(ChannelLayerContract, KeepsEventsUntilTheyAreReceivedInTheirOrder) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send("channel", i), SendOutcome::kAccepted);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receive("channel"), i);
}

TEST_P(ChannelLayerContract, HandsAnEventToAReceiverThatWaits) {
  std::vector<int64_t> got;
  layer().receive("channel", [&](const EventPtr& event) { got.push_back(*number_of(*event)); });
  EXPECT_TRUE(got.empty());
  EXPECT_EQ(send("channel", 1), SendOutcome::kAccepted);
  run_until([&] { return !got.empty(); });
  EXPECT_EQ(got, std::vector<int64_t>{1});
  EXPECT_EQ(send("channel", 2), SendOutcome::kAccepted);
  EXPECT_EQ(got.size(), 1u) << "a receiver is called once";
  EXPECT_EQ(receive("channel"), 2);
}

TEST_P(ChannelLayerContract, ServesReceiversInTheirOrder) {
  std::string order;
  layer().receive("channel", [&](const EventPtr&) { order += 'a'; });
  layer().receive("channel", [&](const EventPtr&) { order += 'b'; });
  (void)send("channel", 1);
  (void)send("channel", 2);
  run_until([&] { return order.size() == 2; });
  EXPECT_EQ(order, "ab");
}

TEST_P(ChannelLayerContract, KeepsChannelsApart) {
  (void)send("one", 1);
  (void)send("two", 2);
  EXPECT_EQ(receive("two"), 2);
  EXPECT_EQ(receive("one"), 1);
}

TEST_P(ChannelLayerContract, HoldsJustItsCapacity) {
  for (size_t i = 0; i < kCapacity; ++i) {
    ASSERT_EQ(send("channel", static_cast<int>(i)), SendOutcome::kAccepted);
  }
  EXPECT_EQ(send("channel", 999), SendOutcome::kChannelFull);
  EXPECT_EQ(send("other", 1), SendOutcome::kAccepted);
  EXPECT_EQ(receive("channel"), 0);
  EXPECT_EQ(send("channel", 100), SendOutcome::kAccepted);
  for (int i = 1; i <= 100; ++i) ASSERT_EQ(receive("channel"), i);
}

TEST_P(ChannelLayerExpiryContract, DropsEventsThatNobodyReceivedInTime) {
  (void)send("channel", 1);
  pass_ms(kExpiryMs - 1);
  (void)send("channel", 2);
  EXPECT_EQ(receive("channel"), 1) << "a moment before its end";
  pass_ms(1);
  (void)send("channel", 3);
  EXPECT_EQ(receive("channel"), 2);
  pass_ms(kExpiryMs);
  EXPECT_EQ(receive("channel"), std::nullopt);
}

TEST_P(ChannelLayerExpiryContract, HasRoomAgainForWhatExpired) {
  for (size_t i = 0; i < kCapacity; ++i) (void)send("channel", 1);
  EXPECT_EQ(send("channel", 1), SendOutcome::kChannelFull);
  pass_ms(kExpiryMs);
  EXPECT_EQ(send("channel", 2), SendOutcome::kAccepted);
  EXPECT_EQ(receive("channel"), 2);
}

TEST_P(ChannelLayerContract, SendsToEveryChannelOfAGroup) {
  layer().group_add("group", "one");
  layer().group_add("group", "two");
  layer().group_add("group", "two");
  layer().group_add("other", "three");
  EXPECT_EQ(group_send({{"group", 1}}).outcome, SendOutcome::kAccepted);
  EXPECT_EQ(receive("one"), 1);
  EXPECT_EQ(receive("two"), 1);
  EXPECT_EQ(receive("two"), std::nullopt) << "adding is idempotent";
  EXPECT_EQ(receive("three"), std::nullopt);
}

TEST_P(ChannelLayerContract, SendsNothingToWhoLeftTheGroup) {
  layer().group_add("group", "one");
  layer().group_add("group", "two");
  layer().group_discard("group", "one");
  layer().group_discard("group", "one");
  layer().group_discard("group", "never");
  layer().group_discard("nowhere", "one");
  EXPECT_EQ(group_send({{"group", 1}}).outcome, SendOutcome::kAccepted);
  EXPECT_EQ(receive("one"), std::nullopt);
  EXPECT_EQ(receive("two"), 1);
}

TEST_P(ChannelLayerContract, AcceptsEventsForGroupsOfNobody) {
  const SendResult result = group_send({{"nobody", 1}});
  EXPECT_EQ(result.outcome, SendOutcome::kAccepted);
  EXPECT_EQ(result.over_capacity_count, 0u);
}

TEST_P(ChannelLayerExpiryContract, EndsAMembershipThatIsNotRenewed) {
  layer().group_add("group", "renewed");
  layer().group_add("group", "forgotten");
  pass_ms(kGroupExpiryMs - 1);
  (void)group_send({{"group", 1}});
  EXPECT_EQ(receive("forgotten"), 1);
  EXPECT_EQ(receive("renewed"), 1);
  layer().group_add("group", "renewed");
  pass_ms(1);
  (void)group_send({{"group", 2}});
  EXPECT_EQ(receive("forgotten"), std::nullopt);
  EXPECT_EQ(receive("renewed"), 2);
}

TEST_P(ChannelLayerContract, CountsTheChannelsThatMissedAnEvent) {
  layer().group_add("group", "full");
  layer().group_add("group", "roomy");
  for (size_t i = 0; i + 1 < kCapacity; ++i) (void)send("full", 0);
  EXPECT_EQ(group_send({{"group", 1}}).over_capacity_count, 0u);
  const SendResult result = group_send({{"group", 2}, {"group", 3}});
  EXPECT_EQ(result.outcome, SendOutcome::kAccepted);
  EXPECT_EQ(result.over_capacity_count, 2u);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(receive("roomy"), i);
}

TEST_P(ChannelLayerContract, BringsTheEventsOfItsGroupsToTheGateway) {
  layer().gateway_add("group");
  layer().gateway_add("other");
  (void)group_send({{"group", 1}, {"other", 2}, {"group", 3}});
  run_until([&] { return gateway().delivered.size() == 3; });
  ASSERT_EQ(gateway().delivered.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    const Addressed& addressed = gateway().delivered[static_cast<size_t>(i)];
    EXPECT_EQ(addressed.group, i == 1 ? "other" : "group");
    EXPECT_EQ(number_of(*addressed.event), i + 1);
  }
}

TEST_P(ChannelLayerContract, SendsNothingOfABatchThatTheGatewayHasNoRoomFor) {
  layer().gateway_add("group");
  layer().group_add("group", "channel");
  gateway().is_roomy = false;
  EXPECT_EQ(group_send({{"group", 1}, {"nobody", 2}}).outcome, SendOutcome::kNoRoom);
  gateway().is_roomy = true;
  EXPECT_TRUE(gateway().delivered.empty());
  EXPECT_EQ(receive("channel"), std::nullopt);
}

TEST_P(ChannelLayerContract, NamesTheChannelsOfItsProcess) {
  const std::string name(layer().process_channel());
  EXPECT_EQ(name.size(), 36u);
  EXPECT_TRUE(name.starts_with("gw."));
  EXPECT_TRUE(name.ends_with('!'));
  EXPECT_TRUE(is_valid_channel_name(name + "c63.4294967295.4294967295"));
}

TEST_P(ChannelLayerContract, SendsDirectlyToOneConnectionOfItsProcess) {
  const std::string process(layer().process_channel());
  EXPECT_EQ(send(process + "c0.17.2", 1), SendOutcome::kAccepted);
  EXPECT_EQ(send(process + "c1.0.0", 2), SendOutcome::kAccepted);
  run_until([&] { return gateway().delivered_direct.size() == 2; });
  ASSERT_EQ(gateway().delivered_direct.size(), 2u);
  EXPECT_EQ(gateway().delivered_direct[0].first, "c0.17.2");
  EXPECT_EQ(number_of(*gateway().delivered_direct[0].second), 1);
  EXPECT_EQ(gateway().delivered_direct[1].first, "c1.0.0");
  EXPECT_TRUE(gateway().delivered.empty());
}

TEST_P(ChannelLayerContract, AnswersEachCallOnceBeforeItHasStopped) {
  layer().gateway_add("group");
  int answer_count = 0;
  const Addressed addressed{"group", event(1), 100};
  for (int i = 0; i < 3; ++i) {
    layer().send("channel", event(i), [&](const SendResult&) { ++answer_count; });
    layer().group_send({&addressed, 1}, [&](const SendResult&) { ++answer_count; });
  }
  int answered_when_stopped = -1;
  layer().stop([&] { answered_when_stopped = answer_count; });
  run_until([&] { return answered_when_stopped >= 0; });
  EXPECT_EQ(answered_when_stopped, 6);
  EXPECT_EQ(answer_count, 6);
}

TEST_P(ChannelLayerContract, IsReadyAndWithoutTrouble) {
  EXPECT_TRUE(layer().is_ready());
  EXPECT_EQ(layer().trouble(), "");
}

}  // namespace carillon::layer
