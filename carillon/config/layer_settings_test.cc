// Where the channel layer is, in our own settings and in Django's CHANNEL_LAYERS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "carillon/config/load_fixture_test.h"
#include "carillon/config/schema.h"

namespace carillon::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using LayerTest = test::LoadFixture;

std::vector<std::string> urls(const LayerSettings& layer) {
  std::vector<std::string> urls;
  for (const RedisHost& host : layer.redis_hosts()) urls.push_back(host.url.reveal());
  return urls;
}

std::vector<std::string> keys_of(const LayerSettings& layer) {
  std::vector<std::string> keys;
  for (const Secret& key : layer.keys) keys.push_back(key.reveal());
  return keys;
}

// A file with Django's dict, whose CONFIG is `config`.
std::string django(std::string_view config) {
  return "[channel_layers.default]\n"
         "BACKEND = \"channels_redis.core.RedisChannelLayer\"\n"
         "[channel_layers.default.CONFIG]\n" +
         std::string(config);
}

TEST_F(LayerTest, IsInMemoryUnlessToldOtherwise) {
  const LayerSettings layer = loaded().settings.layer;
  EXPECT_FALSE(layer.is_redis());
  EXPECT_EQ(layer.printable(), "memory");
}

TEST_F(LayerTest, IsOneRedis) {
  options_.environment = {{"CARILLON_LAYER", "redis://:pw@r:6379/1"},
                          {"CARILLON_LAYER_BACKEND", "pubsub"}};
  const LayerSettings layer = loaded().settings.layer;
  EXPECT_THAT(urls(layer), ElementsAre("redis://:pw@r:6379/1"));
  EXPECT_EQ(layer.printable(), "redis://:***@r:6379/1");
  EXPECT_EQ(layer.backend, "pubsub");
}

TEST_F(LayerTest, IsSeveralRedisInTheirOrder) {
  options_.environment = {{"CARILLON_LAYER_HOSTS", "redis://b,redis://:pw@a"}};
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://b", "redis://:pw@a"));
  EXPECT_EQ(loaded().settings.layer.printable(), "redis://b, redis://:***@a");
  options_.environment.emplace_back("REDIS_URL", "redis://other");
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://b", "redis://:pw@a"));
}

TEST_F(LayerTest, IsBehindSentinels) {
  write_toml(R"(layer = "rediss://user:pw@/2"
layer_sentinels = ["10.0.0.5:26379", "[::1]:26380"]
layer_sentinel_master = "mymaster"
layer_sentinel_user = "watcher"
layer_sentinel_password = "secret"
)");
  const Loaded result = loaded();
  const std::vector<RedisHost> hosts = result.settings.layer.redis_hosts();
  ASSERT_EQ(hosts.size(), 1U);
  EXPECT_THAT(hosts[0].sentinels, ElementsAre("10.0.0.5:26379", "[::1]:26380"));
  EXPECT_EQ(hosts[0].sentinel_master, "mymaster");
  EXPECT_EQ(hosts[0].sentinel_user, "watcher");
  EXPECT_EQ(hosts[0].sentinel_password.reveal(), "secret");
  EXPECT_EQ(hosts[0].url.reveal(), "rediss://user:pw@/2");
  EXPECT_EQ(result.settings.layer.printable(), "mymaster at 10.0.0.5:26379 [::1]:26380");
}

TEST_F(LayerTest, NeedsNoUrlBehindSentinels) {
  options_.flags = {{"layer_sentinels", "s:26379"}, {"layer_sentinel_master", "m"}};
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://"));
}

TEST_F(LayerTest, WantsBothHalvesOfSentinel) {
  options_.flags = {{"layer_sentinels", "s:26379"}};
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("layer_sentinel_master: one is not given")));
  options_.flags = {{"layer_sentinel_master", "m"}};
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("layer_sentinel_master: one is not given")));
}

TEST_F(LayerTest, FollowsTheStrongestSource) {
  write_toml("layer_hosts = ['redis://file-a', 'redis://file-b']\n");
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://file-a", "redis://file-b"));
  options_.environment = {{"REDIS_URL", "redis://for-the-cache"}};
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://file-a", "redis://file-b"));
  options_.environment = {{"CARILLON_LAYER", "redis://env"}};
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://env"));
  options_.flags = {{"layer_sentinels", "s:26379"}, {"layer_sentinel_master", "m"}};
  EXPECT_THAT(loaded().settings.layer.redis_hosts()[0].sentinels, ElementsAre("s:26379"));
  options_.flags = {{"layer", "memory"}};
  EXPECT_THAT(urls(loaded().settings.layer), IsEmpty());
  write_toml("layer_sentinels = ['s:1']\nlayer_sentinel_master = 'm'\n");
  EXPECT_THAT(urls(loaded().settings.layer), IsEmpty());
  options_.flags = {{"layer_hosts", "redis://flag"}};
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://flag"));
  EXPECT_TRUE(loaded().settings.layer.redis_hosts()[0].sentinels.empty());
}

TEST_F(LayerTest, RefusesContradictionsOfOneSource) {
  write_toml("layer = 'memory'\nlayer_hosts = ['redis://a']\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("layer: is memory, beside layer_hosts")));
  write_toml(
      "layer_hosts = ['redis://a']\nlayer_sentinels = ['s:1']\nlayer_sentinel_master = 'm'\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("layer_hosts and layer_sentinels: both")));
}

TEST_F(LayerTest, ReadsWhatDjangoIsToldToo) {
  options_.environment = {{"CARILLON_LAYER_PREFIX", "myapp"},
                          {"CARILLON_LAYER_SERIALIZER", "json"},
                          {"CARILLON_LAYER_KEYS", "new, old"},
                          {"CARILLON_LAYER_RANDOM_PREFIX_LENGTH", "0"},
                          {"CARILLON_LAYER_CHANNEL_CAPACITIES", "gw.*=10000, backend=5"},
                          {"CARILLON_CHANNEL_CAPACITY", "200"},
                          {"CARILLON_CHANNEL_EXPIRY", "30s"},
                          {"CARILLON_GROUP_EXPIRY", "1h"}};
  const Loaded result = loaded();
  const LayerSettings& layer = result.settings.layer;
  EXPECT_EQ(layer.prefix, "myapp");
  EXPECT_EQ(layer.serializer, "json");
  EXPECT_THAT(keys_of(layer), ElementsAre("new", "old"));
  EXPECT_EQ(layer.random_prefix_length, 0U);
  EXPECT_THAT(layer.channel_capacities, ElementsAre("gw.*=10000", "backend=5"));
  EXPECT_EQ(layer.capacity, 200U);
  EXPECT_EQ(layer.expiry_s, 30U);
  EXPECT_EQ(layer.group_expiry_s, 3'600U);
}

TEST(ChannelCapacity, IsAGlobAndANumber) {
  const auto found = parse_channel_capacity("gw.[!=]*=10000");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->glob, "gw.[!=]*");
  EXPECT_EQ(found->capacity, 10'000U);
  for (const std::string_view text :
       {"", "gw.*", "=5", "gw.*=", "gw.*=x", "gw.*=0", "gw.*=-1", "gw.*=5 ", "gw.*=4294967296"}) {
    EXPECT_FALSE(parse_channel_capacity(text)) << text;
  }
  EXPECT_TRUE(parse_channel_capacity("g=4294967295"));
}

TEST_F(LayerTest, MasksPasswordsWhereverItPrintsOrComplains) {
  options_.environment = {{"CARILLON_LAYER", "redis://:hunter2@r/0"},
                          {"CARILLON_LAYER_KEYS", "hunter2"},
                          {"CARILLON_LAYER_SENTINEL_PASSWORD", "hunter2"},
                          {"DATABASE_URL", "postgres://u:hunter2@h/d?sslpassword=hunter2"}};
  for (const Origin& origin : loaded().origins) {
    EXPECT_EQ(origin.value.find("hunter2"), std::string::npos) << origin.key;
  }
  options_.environment = {{"DATABASE_URL", "host=h password=hunter2"}};
  for (const Origin& origin : loaded().origins) {
    EXPECT_EQ(origin.value.find("hunter2"), std::string::npos) << origin.key;
  }
  options_.environment = {{"CARILLON_LAYER", "redis//:hunter2@r"},
                          {"CARILLON_LAYER_HOSTS", "redis://:hunter2@r/x,http://:hunter2@r"},
                          {"CARILLON_LAYER_SENTINELS", "u:hunter2@h:1"},
                          {"REDIS_URL", "redis://:hunter2@r:port"}};
  EXPECT_EQ(problems().size(), 4U);
  for (const std::string& problem : problems()) {
    EXPECT_EQ(problem.find("hunter2"), std::string::npos) << problem;
  }
}

TEST_F(LayerTest, TakesDjangosDictAsItStands) {
  write_toml(django(R"(hosts = [["redis-a", 6379]]
prefix = "myapp"
expiry = 30
group_expiry = 3600
capacity = 200
symmetric_encryption_keys = ["new", "old"]
serializer_format = "json"
random_prefix_length = 8
[channel_layers.default.CONFIG.channel_capacity]
"http.request" = 200
"gw.*" = 10000
"a*" = 1
)"));
  const Loaded result = loaded();
  const LayerSettings& layer = result.settings.layer;
  EXPECT_EQ(layer.backend, "core");
  EXPECT_THAT(urls(layer), ElementsAre("redis://redis-a:6379"));
  EXPECT_EQ(layer.prefix, "myapp");
  EXPECT_EQ(layer.expiry_s, 30U);
  EXPECT_EQ(layer.group_expiry_s, 3'600U);
  EXPECT_EQ(layer.capacity, 200U);
  EXPECT_THAT(layer.channel_capacities, ElementsAre("http.request=200", "gw.*=10000", "a*=1"));
  EXPECT_THAT(keys_of(layer), ElementsAre("new", "old"));
  EXPECT_EQ(layer.serializer, "json");
  EXPECT_EQ(layer.random_prefix_length, 8U);
  EXPECT_EQ(source_of(result, "layer_hosts"), options_.toml_file + ":4");
  EXPECT_EQ(source_of(result, "layer_prefix"), options_.toml_file + ":5");
}

TEST_F(LayerTest, TakesEachFormOfAHost) {
  write_toml(django(R"(hosts = [
  "redis://:pw@url:6379/1",
  ["pair", 6380],
  ["::1", 6381],
  { host = "table", port = 6382, db = 2, username = "u", password = "p/w@" },
  { host = "tls", ssl = true, ssl_cert_reqs = "none", socket_timeout = 5 },
  { address = "redis://address/3", db = 4, password = "pw" },
  { address = "redis://:its-own@address?db=5", db = 4, password = "pw" },
  { unix_socket_path = "/run/redis.sock", db = 6, password = "pw" },
  {},
]
)"));
  EXPECT_THAT(urls(loaded().settings.layer),
              ElementsAre("redis://:pw@url:6379/1", "redis://pair:6380", "redis://[::1]:6381",
                          "redis://u:p%2Fw%40@table:6382?db=2", "rediss://tls?ssl_cert_reqs=none",
                          "redis://:pw@address/3", "redis://:its-own@address?db=5",
                          "unix://:pw@/run/redis.sock?db=6", "redis://localhost"));
}

TEST_F(LayerTest, TakesSentinelsAsAHost) {
  write_toml(django(R"(hosts = [
  { sentinels = [["s1", 26379], "s2:26379"], master_name = "a", password = "pw", db = 1,)"
                    R"( sentinel_kwargs = { username = "su", password = "sp" } },
  { sentinels = [["s3", 26379]], master_name = "b", ssl = true },
]
)"));
  const Loaded result = loaded();
  const std::vector<RedisHost> hosts = result.settings.layer.redis_hosts();
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_THAT(hosts[0].sentinels, ElementsAre("s1:26379", "s2:26379"));
  EXPECT_EQ(hosts[0].sentinel_master, "a");
  EXPECT_EQ(hosts[0].sentinel_user, "su");
  EXPECT_EQ(hosts[0].sentinel_password.reveal(), "sp");
  EXPECT_EQ(hosts[0].url.reveal(), "redis://:pw@?db=1");
  EXPECT_EQ(hosts[1].url.reveal(), "rediss://");
  EXPECT_EQ(result.settings.layer.printable(), "a at s1:26379 s2:26379, b at s3:26379");
}

TEST_F(LayerTest, TakesTheOtherBackends) {
  write_toml(R"([CHANNEL_LAYERS.default]
BACKEND = "channels_redis.pubsub.RedisPubSubChannelLayer"
TEST_CONFIG = { expiry = 1 }
)");
  EXPECT_EQ(loaded().settings.layer.backend, "pubsub");
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://localhost:6379"));
  write_toml(R"([channel_layers.default]
BACKEND = "channels.layers.InMemoryChannelLayer"
CONFIG = { capacity = 7 }
)");
  EXPECT_FALSE(loaded().settings.layer.is_redis());
  EXPECT_EQ(loaded().settings.layer.capacity, 7U);
}

TEST_F(LayerTest, LetsStrongerSourcesOverruleDjangosDict) {
  write_toml(django("hosts = [\"redis://file\"]\nprefix = \"file\"\n"));
  options_.environment = {{"CARILLON_LAYER_PREFIX", "env"}};
  EXPECT_EQ(loaded().settings.layer.prefix, "env");
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://file"));
  options_.environment = {{"CARILLON_LAYER", "redis://env"}};
  EXPECT_THAT(urls(loaded().settings.layer), ElementsAre("redis://env"));
}

TEST_F(LayerTest, RefusesBothForms) {
  write_toml("layer = \"memory\"\nchannel_expiry = \"60s\"\nworkers = 1\n" +
             django("prefix = \"asgi\"\n"));
  EXPECT_THAT(problems(),
              ElementsAre("carillon.toml:1: layer: stands beside [channel_layers], which says the "
                          "same; keep one of the two",
                          HasSubstr("carillon.toml:2: channel_expiry: stands beside")));
}

TEST_F(LayerTest, RefusesWhatChannelsDoesNotKnow) {
  write_toml(R"([channel_layers.other]
[channel_layers.default]
BACKEND = "channels_redis.core.RedisChannelLayers"
KONFIG = 1
[channel_layers.default.CONFIG]
prefx = "a"
hosts = "redis://h"
channel_capacity = 5
symmetric_encryption_keys = "key"
capacity = { a = 1 }
serializer_format = "xml"
)");
  EXPECT_THAT(
      problems(),
      ElementsAre(
          HasSubstr("carillon.toml:1: channel_layers.other: only the layer default"),
          HasSubstr(":4: channel_layers.default.KONFIG: unknown key; did you mean CONFIG?"),
          HasSubstr(":6: channel_layers.default.CONFIG.prefx: unknown key; did you mean prefix?"),
          HasSubstr(":7: channel_layers.default.CONFIG.hosts: takes a list"),
          HasSubstr(":8: channel_layers.default.CONFIG.channel_capacity: takes a table"),
          HasSubstr(":9: channel_layers.default.CONFIG.symmetric_encryption_keys: takes a list"),
          HasSubstr(":10: channel_layers.default.CONFIG.capacity: takes a plain value"),
          HasSubstr(":3: channel_layers.default.BACKEND: unknown backend; did you mean "
                    "channels_redis.core.RedisChannelLayer?"),
          HasSubstr(":11: channel_layers.default.CONFIG.serializer_format: 'xml' is none of")));
}

TEST_F(LayerTest, RefusesADictWithoutItsParts) {
  write_toml("[channel_layers]\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("channel_layers: has no table default")));
  write_toml("[channel_layers]\ndefault = 2026-11-22\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("channel_layers: has no table default")));
  write_toml("[channel_layers.default]\n");
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("channel_layers.default.BACKEND: is not given; give "
                                    "channels_redis.core.RedisChannelLayer")));
}

TEST_F(LayerTest, SaysWhatIsWrongWithAHost) {
  write_toml(django(R"(hosts = [
  "redis//:hunter2@h",
  ["h"],
  ["h", "hunter2"],
  { hots = "h" },
  { host = ["h"] },
  { host = "h", password = "hunter2", db = "one" },
  { address = "http://:hunter2@h" },
  { sentinels = [["s", 1]] },
  { sentinels = [], master_name = "m" },
  { sentinels = [["s"]], master_name = "m" },
]
)"));
  const std::vector<std::string> all = problems();
  EXPECT_THAT(
      all, ElementsAre(HasSubstr(":5: channel_layers.default.CONFIG.hosts: is no Redis URL"),
                       HasSubstr(":6: channel_layers.default.CONFIG.hosts: takes [host, "),
                       HasSubstr(":7: channel_layers.default.CONFIG.hosts: is no HOST:PORT"),
                       HasSubstr("hots: unknown key; did you mean host?"),
                       HasSubstr("host: takes a plain value"),
                       HasSubstr("has a db that is no number"), HasSubstr("is no Redis URL"),
                       HasSubstr("master_name: is not given"), HasSubstr("sentinels: takes a list"),
                       HasSubstr("sentinels: takes [host, port]")));
  for (const std::string& problem : all) {
    EXPECT_EQ(problem.find("hunter2"), std::string::npos) << problem;
  }
}

}  // namespace
}  // namespace carillon::config
