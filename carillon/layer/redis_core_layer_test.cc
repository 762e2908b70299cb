#include "carillon/layer/redis_core_layer.h"

#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/redis_layer_test.h"

namespace carillon::layer {
namespace {

using CoreNode = LayerNode<RedisCoreLayer>;
using testing::Test;

class RedisCoreLayerTest : public Test {
 protected:
  std::vector<std::string> keys() { return texts(server.run({"KEYS", "*"})); }
  static std::vector<std::string> texts(const resp::Reply& reply) {
    std::vector<std::string> found;
    for (const resp::Reply& element : reply.elements) found.push_back(element.text);
    return found;
  }
  RedisLayerOptions options() { return core_options({server.location()}); }

  redis::RedisServer server;
  LayerLoop loop;
};

TEST_F(RedisCoreLayerTest, BringsAnEventToTheSocketsOfEveryNodeOnce) {
  CoreNode a(loop, options());
  CoreNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());
  ASSERT_TRUE(a.joins("group") && b.joins("group"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(a.group_send({{"group", numbered_event(i), 50}}).outcome, SendOutcome::kAccepted);
  }
  ASSERT_TRUE(loop.run_until([&] { return b.gateway.delivered.size() == 5; }));
  EXPECT_EQ(numbers_of(a.gateway), (std::vector<int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(numbers_of(b.gateway), numbers_of(a.gateway));
}

TEST_F(RedisCoreLayerTest, RegistersOneChannelAGroupAndTakesItOutWithTheLastMember) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  const auto members = texts(server.run({"ZRANGE", "asgi:group:group", "0", "-1"}));
  ASSERT_EQ(members.size(), 1u);
  EXPECT_TRUE(members[0].starts_with(node.layer().process_channel()));
  node.layer().gateway_discard("group");
  ASSERT_TRUE(node.joins("another"));  // answered after what was asked before
  EXPECT_EQ(server.run({"EXISTS", "asgi:group:group"}).integer, 0);
}

TEST_F(RedisCoreLayerTest, LeavesNothingBehindWhenItStops) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready());
  for (int i = 0; i < 1'200; ++i) node.layer().gateway_add("group-" + std::to_string(i));
  ASSERT_TRUE(node.joins("last"));
  EXPECT_FALSE(keys().empty());
  node.stop();
  EXPECT_EQ(keys(), std::vector<std::string>{});
}

TEST_F(RedisCoreLayerTest, JoinsItsGroupsAgainWhenSomebodyFlushesTheLayer) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  server.run({"FLUSHALL"});
  ASSERT_TRUE(
      loop.tick_until([&] { return server.run({"EXISTS", "asgi:group:group"}).integer == 1; }));
  EXPECT_TRUE(
      loop.tick_until([&] { return node.registry.total("carillon_layer_flushes_total") == 1; }));
}

TEST_F(RedisCoreLayerTest, RenewsItsMembershipsBeforeTheyExpire) {
  RedisLayerOptions with_short_expiry = options();
  with_short_expiry.group_expiry_s = 8;
  CoreNode node(loop, with_short_expiry);
  ASSERT_TRUE(node.becomes_ready() && node.joins("one") && node.joins("two"));
  const auto score = [&](const char* group) {
    const std::string key = std::string("asgi:group:") + group;
    return std::strtod(
        server.run({"ZRANGE", key, "0", "-1", "WITHSCORES"}).elements.at(1).text.c_str(), nullptr);
  };
  const double before = std::max(score("one"), score("two"));
  for (int second = 0; second < 8; ++second) {
    loop.clock.advance_ms(1'000);
    bool has_turned = false;
    ASSERT_TRUE(loop.run_until([&] { return std::exchange(has_turned, true); }));
  }
  EXPECT_TRUE(loop.run_until([&] { return score("one") > before && score("two") > before; }));
}

TEST_F(RedisCoreLayerTest, RefusesWithTheCauseWhileRedisIsGoneAndGoesOnAfterwards) {
  CoreNode a(loop, options());
  CoreNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready() && b.joins("group"));
  server.kill();
  ASSERT_TRUE(loop.tick_until([&] { return !a.layer().is_ready() && !b.layer().is_ready(); }));
  const SendResult refused = a.group_send({{"group", numbered_event(1), 50}});
  EXPECT_EQ(refused.outcome, SendOutcome::kUnavailable);
  EXPECT_NE(refused.trouble.find("127.0.0.1"), std::string::npos) << refused.trouble;
  EXPECT_FALSE(a.layer().trouble().empty());
  server.start();
  ASSERT_TRUE(loop.tick_until([&] { return a.layer().is_ready() && b.layer().is_ready(); }));
  EXPECT_EQ(a.group_send({{"group", numbered_event(2), 50}}).outcome, SendOutcome::kAccepted);
  ASSERT_TRUE(loop.run_until([&] { return !b.gateway.delivered.empty(); }));
  EXPECT_EQ(numbers_of(b.gateway), std::vector<int64_t>{2});
}

TEST_F(RedisCoreLayerTest, LogsTheCauseWhenRedisIsAbsentFromTheStart) {
  server.kill();
  CoreNode node(loop, options());
  ASSERT_TRUE(loop.tick_until([&] { return !node.lines.empty(); }));
  EXPECT_NE(node.lines.find("start Redis"), std::string::npos) << node.lines;
  EXPECT_NE(node.layer().trouble().find("start Redis"), std::string::npos);
}

TEST_F(RedisCoreLayerTest, KeepsGroupsThatComeAndGoDuringAnOutage) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("gone"));
  server.pause();
  node.layer().gateway_discard("gone");
  node.layer().gateway_add("new");
  bool may_go_on = false;
  node.layer().when_joined("new", [&] { may_go_on = true; });
  // The pause is found out by the clock, and then nobody waits any longer.
  ASSERT_TRUE(loop.tick_until([&] { return may_go_on; }));
  server.resume();
  ASSERT_TRUE(loop.tick_until([&] { return node.layer().is_ready(); }));
  EXPECT_TRUE(loop.tick_until([&] {
    return server.run({"EXISTS", "asgi:group:gone"}).integer == 0 &&
           server.run({"EXISTS", "asgi:group:new"}).integer == 1;
  }));
}

TEST_F(RedisCoreLayerTest, DropsAndCountsWhatItCannotUse) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  const std::string process(node.layer().process_channel());
  const std::string key = "asgi" + process;
  ChannelsRedisSerializer serializer(core_serializer_options({}));
  const auto push = [&](const std::string& member) {
    (void)server.run({"ZADD", key, "1", member});
  };
  push("short");
  push("123456789012\xc1");
  json::Value reserved = json::Value::object();
  reserved.set("type", json::Value("websocket.disconnect"));
  push(serializer.message_for(serializer.encode(reserved), process + "g1", 0));
  const EncodedEvent good = serializer.encode(numbered_event(1)->object());
  push(serializer.message(good, 0));                            // for nobody
  push(serializer.message_for(good, process + "g999", 0));      // a group that is not here
  push(serializer.message_for(good, "specific.other!abc", 0));  // somebody else
  EXPECT_TRUE(loop.run_until([&] {
    return node.registry.total("carillon_layer_events_refused_total") == 3 &&
           node.registry.total("carillon_layer_dropped_total", {{"reason", "unaddressed"}}) == 3;
  }));
  push(serializer.message_for(good, process + "g1", 0));
  EXPECT_TRUE(loop.run_until([&] { return node.gateway.delivered.size() == 1; }));
}

TEST_F(RedisCoreLayerTest, ServesTheOtherGroupsWhenRedisWillNotHaveOne) {
  server.run({"SET", "asgi:group:taken", "by somebody else"});
  CoreNode a(loop, options());
  CoreNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());
  EXPECT_TRUE(b.joins("taken")) << "nobody waits for what cannot be had";
  ASSERT_TRUE(b.joins("free"));
  EXPECT_EQ(a.group_send({{"free", numbered_event(1), 50}}).outcome, SendOutcome::kAccepted);
  ASSERT_TRUE(loop.run_until([&] { return b.gateway.delivered.size() == 1; }));
  server.run({"DEL", "asgi:group:taken"});
  ASSERT_TRUE(
      loop.tick_until([&] { return server.run({"EXISTS", "asgi:group:taken"}).integer == 1; }));
  EXPECT_TRUE(b.layer().is_ready());
}

TEST_F(RedisCoreLayerTest, SaysWhatKeepsItOutOfItsOwnGroup) {
  server.run({"SET", "asgi:group:carillon.nodes", "by somebody else"});
  CoreNode node(loop, options());
  bool may_go_on = false;
  node.layer().gateway_add("group");
  node.layer().when_joined("group", [&] { may_go_on = true; });
  ASSERT_TRUE(loop.tick_until([&] { return may_go_on && !node.lines.empty(); }))
      << "nobody waits for what cannot be had";
  EXPECT_NE(node.lines.find("WRONGTYPE"), std::string::npos) << node.lines;
  EXPECT_FALSE(node.layer().is_ready());
  EXPECT_NE(node.group_send({{"group", numbered_event(1), 50}}).trouble.find("WRONGTYPE"),
            std::string::npos);
  server.run({"DEL", "asgi:group:carillon.nodes"});
  ASSERT_TRUE(node.becomes_ready());
  EXPECT_EQ(server.run({"EXISTS", "asgi:group:group"}).integer, 1);
}

TEST_F(RedisCoreLayerTest, IsNotReadyWhileItsUserMayNotWrite) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  server.run({"ACL", "SETUSER", "default", "-zadd"});
  ASSERT_TRUE(loop.tick_until([&] { return !node.layer().is_ready(); }));
  EXPECT_NE(node.layer().trouble().find("ACL SETUSER"), std::string::npos)
      << node.layer().trouble();
  server.run({"ACL", "SETUSER", "default", "+zadd"});
  EXPECT_TRUE(node.becomes_ready());
}

TEST_F(RedisCoreLayerTest, ReadsOnceAHeartbeatWhileItMayNotWaitForEvents) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  server.run({"ACL", "SETUSER", "default", "-bzpopmin"});
  server.run({"CONFIG", "RESETSTAT"});
  const std::string process(node.layer().process_channel());
  ChannelsRedisSerializer serializer(core_serializer_options({}));
  const auto push = [&](int number) {
    const EncodedEvent event = serializer.encode(numbered_event(number)->object());
    (void)server.run({"ZADD", "asgi" + process, std::to_string(number),
                      serializer.message_for(event, process + "g1", 0)});
  };
  push(1);  // ends the BZPOPMIN that was allowed
  ASSERT_TRUE(loop.tick_until([&] { return !node.layer().is_ready(); }));
  EXPECT_NE(node.layer().trouble().find("ACL SETUSER"), std::string::npos)
      << node.layer().trouble();
  push(2);
  ASSERT_TRUE(loop.tick_until([&] { return node.gateway.delivered.size() == 2; }));
  const std::string stats = server.run({"INFO", "commandstats"}).text;
  const size_t found = stats.find("cmdstat_zpopmin:calls=");
  ASSERT_NE(found, std::string::npos);
  EXPECT_LT(std::strtoul(stats.c_str() + found + 22, nullptr, 10), 10U) << "it does not spin";
  server.run({"ACL", "SETUSER", "default", "+bzpopmin"});
  EXPECT_TRUE(node.becomes_ready());
}

TEST_F(RedisCoreLayerTest, DeliversOnceWhatNamesAChannelTwice) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  const std::string process(node.layer().process_channel());
  ChannelsRedisSerializer serializer(core_serializer_options({}));
  const auto push = [&](int number, const std::vector<std::string>& names) {
    const EncodedEvent event = serializer.encode(numbered_event(number)->object());
    (void)server.run({"ZADD", "asgi" + process, std::to_string(number),
                      serializer.message_for(event, std::span(names), 0)});
  };
  push(1, std::vector<std::string>(10'000, process + "g1"));
  push(2, std::vector<std::string>(10'001, process + "g1"));
  push(3, {process + "g1"});
  ASSERT_TRUE(loop.run_until([&] { return node.gateway.delivered.size() == 2; }));
  EXPECT_EQ(numbers_of(node.gateway), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(node.registry.total("carillon_layer_dropped_total", {{"reason", "unaddressed"}}), 1U);
}

TEST_F(RedisCoreLayerTest, ReachesItsOwnConnectionsThatAreInAGroupByTheirChannel) {
  CoreNode node(loop, options());
  ASSERT_TRUE(node.becomes_ready() && node.joins("group"));
  // As a worker does: group_add("group", event["reply_channel"]).
  server.run({"ZADD", "asgi:group:group", "9999999999",
              std::string(node.layer().process_channel()) + "c0.1.2"});
  EXPECT_EQ(node.group_send({{"group", numbered_event(1), 50}}).outcome, SendOutcome::kAccepted);
  EXPECT_EQ(node.gateway.delivered.size(), 1U);
  ASSERT_EQ(node.gateway.delivered_direct.size(), 1U);
  EXPECT_EQ(node.gateway.delivered_direct[0].first, "c0.1.2");
}

TEST_F(RedisCoreLayerTest, SpreadsGroupsOverItsHostsAndAnswersForEachEvent) {
  redis::RedisServer second;
  const auto hosts = core_options({server.location(), second.location()});
  CoreNode a(loop, hosts);
  auto b = std::make_unique<CoreNode>(loop, hosts);
  // What is sent to a node lies on one host, by its name, which is random: here on the first.
  while (shard_index(b->layer().process_channel(), 2) != 0) {
    b = std::make_unique<CoreNode>(loop, hosts);
  }
  ASSERT_TRUE(a.becomes_ready() && b->becomes_ready());
  std::vector<Addressed> batch;
  for (const char* group : {"group-g", "group-h"}) {
    ASSERT_TRUE(b->joins(group));
    batch.push_back({group, numbered_event(static_cast<int>(batch.size())), 50});
  }
  ASSERT_NE(shard_index("group-g", 2), shard_index("group-h", 2));
  EXPECT_EQ(a.group_send(batch).outcome, SendOutcome::kAccepted);
  ASSERT_TRUE(loop.run_until([&] { return b->gateway.delivered.size() == 2; }));
  EXPECT_EQ(server.run({"EXISTS", "asgi:group:group-g"}).integer, 1);
  EXPECT_EQ(second.run({"EXISTS", "asgi:group:group-h"}).integer, 1);
  second.kill();
  ASSERT_TRUE(loop.tick_until([&] { return !a.layer().is_ready(); }));
  const SendResult partial = a.group_send(batch);
  ASSERT_EQ(partial.outcomes.size(), 2u) << partial.trouble;
  EXPECT_EQ(partial.outcome_of(0), SendOutcome::kAccepted);
  EXPECT_EQ(partial.outcome_of(1), SendOutcome::kUnavailable);
}

TEST_F(RedisCoreLayerTest, ReachesOneConnectionOfAnotherNodeByItsName) {
  CoreNode a(loop, options());
  CoreNode b(loop, options());
  ASSERT_TRUE(a.becomes_ready() && b.becomes_ready());
  std::optional<SendResult> result;
  const std::string name = std::string(b.layer().process_channel()) + "c42";
  a.layer().send(name, numbered_event(7), [&](SendResult sent) { result = std::move(sent); });
  ASSERT_TRUE(loop.run_until([&] { return !b.gateway.delivered_direct.empty(); }));
  EXPECT_EQ(b.gateway.delivered_direct[0].first, "c42");
}

}  // namespace
}  // namespace carillon::layer
