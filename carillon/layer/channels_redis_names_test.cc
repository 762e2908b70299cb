#include "carillon/layer/channels_redis_names.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "carillon/layer/capacity.h"
#include "carillon/layer/channels_redis_vectors_test.h"
#include "carillon/layer/event.h"
#include "carillon/layer/name.h"

namespace carillon::layer {
namespace {

using test::bytes;
using test::count;
using test::list;
using test::member;
using test::members;
using test::text;
using test::vectors;

TEST(CoreNames, AreThoseOfGroups) {
  for (const json::Value& each : list(vectors("group_keys_core"))) {
    const std::string key = core_group_key(text(each, "prefix"), text(each, "group"));
    EXPECT_EQ(key, text(each, "redis_key"));
    EXPECT_EQ(key, bytes(each, "redis_key_hex"));
  }
}

TEST(CoreNames, AreThoseOfChannels) {
  for (const json::Value& each : list(vectors("channel_keys_core"))) {
    const std::string channel = text(each, "channel");
    const std::string prefix = text(each, "prefix");
    EXPECT_EQ(non_local_name(channel), text(each, "non_local_name"));
    EXPECT_EQ(core_channel_key(prefix, channel), text(each, "redis_key"));
    EXPECT_EQ(core_inflight_key(prefix, channel), text(each, "inflight_key"));
  }
}

TEST(CoreNames, EndWithTheLocalPart) {
  EXPECT_EQ(local_name("gw.n1!g42"), "g42");
  EXPECT_EQ(local_name("gw.n1!"), "");
  EXPECT_EQ(local_name("backend"), "");
}

TEST(PubsubNames, AreThoseOfGroups) {
  for (const json::Value& each : list(member(vectors("pubsub_names"), "group_channels"))) {
    const std::string name = pubsub_group_channel(text(each, "prefix"), text(each, "group"));
    EXPECT_EQ(name, text(each, "redis_channel"));
    EXPECT_EQ(pubsub_group_of(text(each, "prefix"), name), text(each, "group"));
  }
}

TEST(PubsubNames, AreOfNoGroupWhenTheyLookOtherwise) {
  EXPECT_EQ(pubsub_group_of("asgi", "backend"), "");
  EXPECT_EQ(pubsub_group_of("asgi", "asgispecific.1e45b366caad44f884a9f0b826a9c513"), "");
  EXPECT_EQ(pubsub_group_of("myapp", "asgi__group__room-1"), "");
  EXPECT_EQ(pubsub_group_of("asgi", "asgi__group__"), "");
  EXPECT_EQ(pubsub_group_of("asgi", "asgi"), "");
}

TEST(ShardIndex, IsThatOfPython) {
  for (const json::Value& each : list(member(vectors("shard_index"), "cases"))) {
    for (const auto& [host_count, index] : members(member(each, "index"))) {
      EXPECT_EQ(shard_index(text(each, "value"), std::stoul(host_count)), index.as_uint64())
          << text(each, "value") << " of " << host_count;
    }
  }
}

// Some name whose hash falls into `bucket`.
std::string name_in_bucket(size_t bucket) {
  for (size_t i = 0;; ++i) {
    std::string name = std::to_string(i);
    if (shard_index(name, 4096) == bucket) return name;
  }
}

TEST(ShardIndex, IsThatOfDoublesWhereIntegersDiffer) {
  const auto& check = member(vectors("shard_index"), "integer_formula_check");
  for (const json::Value& each : list(member(check, "first_mismatches"))) {
    const std::string name = name_in_bucket(count(each, "bucket"));
    EXPECT_EQ(shard_index(name, count(each, "N")), count(each, "float_result"));
  }
}

TEST(ShardIndex, IsAlwaysAHost) {
  const std::string last = name_in_bucket(4095);
  for (size_t host_count = 1; host_count <= 256; ++host_count) {
    EXPECT_EQ(shard_index(last, host_count), host_count - 1);
    EXPECT_EQ(shard_index("", host_count), 0U);
  }
}

// What Python's regular expressions let through beyond ASCII is refused here: it is never emitted.
TEST(NameValidity, IsThatOfChannelsForAscii) {
  for (const json::Value& each : list(vectors("name_validity"))) {
    const std::string name = text(each, "name");
    const bool is_plain = std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; });
    EXPECT_EQ(is_valid_group_name(name), is_plain && test::flag(each, "group")) << name;
    EXPECT_EQ(is_valid_channel_name(name), is_plain && test::flag(each, "channel")) << name;
  }
}

TEST(CapacityLookup, IsThatOfChannelsRedis) {
  const json::Value& lookup = vectors("capacity_lookup");
  std::vector<CapacityRule> rules;
  for (const json::Value& rule : list(member(lookup, "channel_capacity"))) {
    rules.push_back({*list(rule)[0].as_string(), *list(rule)[1].as_uint64()});
  }
  const Capacities capacities(count(lookup, "capacity"), std::move(rules));
  for (const json::Value& each : list(member(lookup, "cases"))) {
    const std::string channel = text(each, "channel");
    EXPECT_EQ(capacities.capacity_of(channel), count(each, "capacity")) << channel;
  }
}

TEST(HandlerNames, AreThoseOfChannels) {
  for (const json::Value& each : list(vectors("handler_names"))) {
    const std::string type = text(each, "type");
    const bool is_refused = each.find("error") != nullptr;
    EXPECT_EQ(handler_name(type).starts_with('_'), is_refused) << type;
    if (is_refused) continue;
    EXPECT_EQ(handler_name(type), text(each, "handler"));
  }
}

}  // namespace
}  // namespace carillon::layer
