// Any member of a sorted set and any Pub/Sub payload, in both formats, plain and encrypted; globs
// and names against a naive twin. The first byte says which; so that mutations reach behind the
// signature, some inputs are bodies, which are encrypted here.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/layer/capacity.h"
#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/channels_redis_serializer.h"

namespace {

using namespace carillon;
using layer::ChannelsRedisSerializer;
using layer::SerializerFormat;

constexpr int64_t kNow = 1'700'000'000;
constexpr std::string_view kPrefix = "twelve bytes";

config::LayerSettings settings(SerializerFormat format, bool is_encrypted) {
  config::LayerSettings settings;
  settings.serializer = format == SerializerFormat::kJson ? "json" : "msgpack";
  if (is_encrypted) settings.keys = {Secret("secret-1"), Secret("old-key")};
  return settings;
}

ChannelsRedisSerializer core(SerializerFormat format) {
  return ChannelsRedisSerializer(layer::core_serializer_options(settings(format, true)));
}

ChannelsRedisSerializer pubsub(SerializerFormat format, bool is_encrypted) {
  return ChannelsRedisSerializer(layer::pubsub_serializer_options(settings(format, is_encrypted)));
}

// What was decoded is written again in the same way, without the keys that make it different.
void check_message(const ChannelsRedisSerializer& serializer,
                   SerializerFormat format,
                   std::string_view message) {
  const auto decoded = serializer.decode(message, kNow);
  if (!decoded) {
    CARILLON_ASSERT(!layer::slug(decoded.error()).empty());
    return;
  }
  CARILLON_ASSERT(decoded->event.is_object());
  CARILLON_ASSERT(decoded->event.find(layer::kAsgiChannelKey) == nullptr);
  ChannelsRedisSerializer plain = pubsub(format, false);
  const auto event = plain.encode(decoded->event);
  const std::string written = plain.message_for(event, decoded->channels, kNow);
  const auto again = plain.decode(written, kNow);
  CARILLON_ASSERT(again && again->channels == decoded->channels);
  const auto same = plain.encode(again->event);
  CARILLON_ASSERT(plain.message_for(same, again->channels, kNow) == written);
  CARILLON_ASSERT(plain.decode(plain.message(event, kNow), kNow)->channels.empty());
  for (const std::string& channel : decoded->channels) {
    const auto one = plain.decode(plain.message_for(event, channel, kNow), kNow);
    CARILLON_ASSERT(one && one->channels.size() == 1 && one->channels[0] == channel);
  }
  ChannelsRedisSerializer encrypted = core(format);
  const auto sealed = encrypted.encode(again->event);
  const auto opened = encrypted.decode(encrypted.message(sealed, kNow), kNow);
  CARILLON_ASSERT(opened && opened->event == again->event);
}

void check_body(SerializerFormat format, std::string_view body) {
  static const auto key = crypto::FernetKey::from_text("old-key");
  check_message(pubsub(format, false), format, body);
  const std::string token = key.encrypt(body, kNow, {});
  const auto opened = key.decrypt(token, kNow, 70);
  CARILLON_ASSERT(opened && *opened == body);
  static const ChannelsRedisSerializer core_msgpack = core(SerializerFormat::kMsgpack);
  static const ChannelsRedisSerializer core_json = core(SerializerFormat::kJson);
  const bool is_json = format == SerializerFormat::kJson;
  check_message(is_json ? core_json : core_msgpack, format, std::string(kPrefix) + token);
}

void check_token(std::string_view token) {
  static const ChannelsRedisSerializer without_ttl = pubsub(SerializerFormat::kMsgpack, true);
  check_message(without_ttl, SerializerFormat::kMsgpack, token);
  static const ChannelsRedisSerializer with_ttl = core(SerializerFormat::kMsgpack);
  check_message(with_ttl, SerializerFormat::kMsgpack, token);
  static const auto key = crypto::FernetKey::from_text("secret-1");
  const auto body = key.decrypt(token, kNow, 70);
  if (body) {
    CARILLON_ASSERT(*key.decrypt(key.encrypt(*body, kNow, {}), kNow) == *body);
  } else {
    CARILLON_ASSERT(!slug(body.error()).empty());
  }
}

// A glob of `*`, `?` and plain characters, by trying all.
bool matches_naively(std::string_view glob, std::string_view name) {
  if (glob.empty()) return name.empty();
  if (glob[0] == '*') {
    return matches_naively(glob.substr(1), name) ||
           (!name.empty() && matches_naively(glob, name.substr(1)));
  }
  return !name.empty() && (glob[0] == '?' || glob[0] == name[0]) &&
         matches_naively(glob.substr(1), name.substr(1));
}

// `text` is a glob, a line feed and a name.
void check_glob(std::string_view text) {
  constexpr size_t kTwinBytesMax = 24;  // the twin is exponential
  const size_t line = std::min(text.find('\n'), text.size());
  const std::string_view glob = text.substr(0, line);
  const std::string_view name = text.substr(std::min(line + 1, text.size()));
  const bool is_match = layer::matches_glob(glob, name);
  const layer::Capacities capacities(1, {{std::string(glob), 2}});
  CARILLON_ASSERT(capacities.capacity_of(name) == (is_match ? 2U : 1U));
  if (text.size() <= kTwinBytesMax && glob.find('[') == std::string_view::npos) {
    CARILLON_ASSERT(is_match == matches_naively(glob, name));
  }
  CARILLON_ASSERT(layer::core_group_key(glob, name).ends_with(name));
  CARILLON_ASSERT(layer::core_inflight_key("", name).starts_with(layer::non_local_name(name)));
  const std::string key = layer::core_channel_key("asgi", name);
  CARILLON_ASSERT(key.substr(4) == layer::non_local_name(name));
  CARILLON_ASSERT(layer::non_local_name(name).size() + layer::local_name(name).size() ==
                  name.size());
  const std::string channel = layer::pubsub_group_channel(glob, name);
  CARILLON_ASSERT(layer::pubsub_group_of(glob, channel) == name);
  layer::Scores scores;
  const layer::Score score = scores.next(static_cast<int64_t>(text.size()));
  CARILLON_ASSERT(score.text() < scores.next(0).text() && score.seconds() >= 0);
  for (const size_t host_count : {1U, 2U, 3U, 186U}) {
    CARILLON_ASSERT(layer::shard_index(name, host_count) < host_count);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'm':
      check_body(SerializerFormat::kMsgpack, rest);
      break;
    case 'j':
      check_body(SerializerFormat::kJson, rest);
      break;
    case 't':
      check_token(rest);
      break;
    case 'g':
      check_glob(rest);
      break;
    default:
      break;
  }
  return 0;
}
