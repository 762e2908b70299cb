#include "carillon/layer/redis_pubsub_layer.h"

#include "carillon/layer/redis_layer_test.h"

namespace carillon::layer {
namespace {

using PubSubNode = LayerNode<RedisPubSubLayer>;

class RedisPubSubLayerTest : public testing::Test {
 protected:
  RedisLayerOptions options() { return pubsub_options({server.location()}); }
  static std::optional<int64_t> number_of(const EventPtr& event) {
    return event->object().find("n")->as_int64();
  }

  redis::RedisServer server;
  LayerLoop loop;
};

TEST_F(RedisPubSubLayerTest, BringsAnEventToTheSocketsOfEveryNodeOnce) {
  PubSubNode a(loop, options());
  PubSubNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());
  ASSERT_TRUE(a.joins("group") && b.joins("group"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(a.group_send({{"group", numbered_event(i), 50}}).outcome, SendOutcome::kAccepted);
  }
  ASSERT_TRUE(loop.run_until(
      [&] { return a.gateway.delivered.size() == 5 && b.gateway.delivered.size() == 5; }));
  EXPECT_EQ(numbers_of(a.gateway), (std::vector<int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(numbers_of(b.gateway), numbers_of(a.gateway));
}

TEST_F(RedisPubSubLayerTest, SendsABatchOnOneHostAsAWhole) {
  PubSubNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("one") && node.joins("two"));
  const SendResult sent =
      node.group_send({{"one", numbered_event(1), 50}, {"two", numbered_event(2), 50}});
  EXPECT_EQ(sent.outcome, SendOutcome::kAccepted);
  ASSERT_TRUE(loop.run_until([&] { return node.gateway.delivered.size() == 2; }));
  EXPECT_EQ(numbers_of(node.gateway), (std::vector<int64_t>{1, 2}));
}

TEST_F(RedisPubSubLayerTest, SubscribesOnceAGroupAndUnsubscribesWithTheLastMember) {
  PubSubNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  const auto subscribers = [&] {
    return server.run({"PUBSUB", "NUMSUB", "asgi__group__group"}).elements.at(1).integer;
  };
  EXPECT_EQ(subscribers(), 1);
  node.layer().gateway_discard("group");
  EXPECT_TRUE(loop.run_until([&] { return subscribers() == 0; }));
}

TEST_F(RedisPubSubLayerTest, LogsTheCauseWhenRedisIsAbsentFromTheStart) {
  server.kill();
  PubSubNode node(loop, options());
  ASSERT_TRUE(loop.tick_until([&] { return !node.lines.empty(); }));
  EXPECT_NE(node.lines.find("start Redis"), std::string::npos) << node.lines;
  EXPECT_NE(node.layer().trouble().find("start Redis"), std::string::npos);
}

TEST_F(RedisPubSubLayerTest, LeavesNothingInRedis) {
  PubSubNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  (void)node.group_send({{"group", numbered_event(1), 50}});
  EXPECT_EQ(server.run({"DBSIZE"}).integer, 0);
  node.stop();
  EXPECT_EQ(server.run({"PUBSUB", "CHANNELS", "*"}).elements.size(), 0u);
}

TEST_F(RedisPubSubLayerTest, BringsEventsOfANamedChannelToWhoReceives) {
  PubSubNode a(loop, options());
  PubSubNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());
  std::vector<int64_t> got;
  b.layer().receive("backend", [&](const EventPtr& event) { got.push_back(*number_of(event)); });
  ASSERT_TRUE(loop.run_until(
      [&] { return server.run({"PUBSUB", "NUMSUB", "backend"}).elements.at(1).integer == 1; }));
  std::optional<SendResult> result;
  a.layer().send("backend", numbered_event(7), [&](SendResult sent) { result = std::move(sent); });
  ASSERT_TRUE(loop.run_until([&] { return !got.empty() && result.has_value(); }));
  EXPECT_EQ(got, std::vector<int64_t>{7});
}

TEST_F(RedisPubSubLayerTest, ReachesOneConnectionOfAnotherNodeByItsName) {
  PubSubNode a(loop, options());
  PubSubNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());
  const std::string name = std::string(b.layer().process_channel()) + "c42";
  a.layer().send(name, numbered_event(7), [](const SendResult&) {});
  ASSERT_TRUE(loop.run_until([&] { return !b.gateway.delivered_direct.empty(); }));
  EXPECT_EQ(b.gateway.delivered_direct[0].first, "c42");
}

TEST_F(RedisPubSubLayerTest, RefusesWhileRedisIsGoneAndGoesOnAfterwards) {
  PubSubNode a(loop, options());
  PubSubNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready() && b.joins("group"));
  server.kill();
  ASSERT_TRUE(loop.tick_until([&] { return !a.layer().is_ready() && !b.layer().is_ready(); }));
  const SendResult refused = a.group_send({{"group", numbered_event(1), 50}});
  EXPECT_EQ(refused.outcome, SendOutcome::kUnavailable);
  EXPECT_FALSE(refused.trouble.empty());
  server.start();
  ASSERT_TRUE(loop.tick_until([&] { return a.layer().is_ready() && b.layer().is_ready(); }));
  EXPECT_EQ(a.group_send({{"group", numbered_event(2), 50}}).outcome, SendOutcome::kAccepted);
  ASSERT_TRUE(loop.run_until([&] { return !b.gateway.delivered.empty(); }));
  EXPECT_EQ(numbers_of(b.gateway), std::vector<int64_t>{2});
}

}  // namespace
}  // namespace carillon::layer
