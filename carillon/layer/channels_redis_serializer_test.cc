#include "carillon/layer/channels_redis_serializer.h"

#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "carillon/json/writer.h"
#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/channels_redis_vectors_test.h"
#include "carillon/msgpack/writer.h"

namespace carillon::layer {
namespace {

using test::as_read;
using test::bytes;
using test::list;
using test::member;
using test::members;
using test::text;
using test::vectors;

constexpr int64_t kNow = 1'795'374'166;

config::LayerSettings settings(std::initializer_list<std::string_view> keys = {}) {
  config::LayerSettings settings;
  for (const std::string_view key : keys) settings.keys.emplace_back(std::string(key));
  return settings;
}

ChannelsRedisSerializer core(const config::LayerSettings& layer = settings()) {
  return ChannelsRedisSerializer(core_serializer_options(layer));
}

ChannelsRedisSerializer pubsub(const config::LayerSettings& layer = settings()) {
  return ChannelsRedisSerializer(pubsub_serializer_options(layer));
}

json::Value parsed(std::string_view json_text) {
  return *json::parse(json_text);
}

// A captured value as Python wrote it, its bytes and floats as they were.
std::string packed(const json::Value& value) {
  std::string out;
  if (const std::string* hex = test::marked(value, "$bin")) {
    msgpack::append_bin(out, as_bytes(test::from_hex(*hex)));
  } else if (const std::string* bits = test::marked(value, "$f64")) {
    msgpack::append_float(out, std::bit_cast<double>(uint64_t{std::stoull(*bits, nullptr, 16)}));
  } else if (const json::Value::Array* elements = value.as_array()) {
    msgpack::append_array_header(out, elements->size());
    for (const json::Value& element : *elements) out += packed(element);
  } else if (const json::Value::Object* all = value.as_object()) {
    msgpack::append_map_header(out, all->size());
    for (const auto& [key, each] : *all) {
      msgpack::append_str(out, key);
      out += packed(each);
    }
  } else {
    msgpack::append_msgpack(out, value);
  }
  return out;
}

bool has_bytes(const json::Value& value) {
  return json::to_json(value).find("$bin") != std::string::npos;
}

std::vector<std::string> strings(const json::Value& value) {
  std::vector<std::string> out;
  if (const std::string* one = value.as_string()) return {*one};
  for (const json::Value& each : list(value)) out.push_back(*each.as_string());
  return out;
}

// What a reader must make of `decoded`: the event and whom it is for.
void expect_decoded(const Result<DecodedMessage, DecodeError>& got, const json::Value& decoded) {
  ASSERT_TRUE(got) << slug(got.error());
  json::Value event = as_read(decoded);
  std::vector<std::string> channels;
  if (const json::Value* names = event.find(kAsgiChannelKey)) {
    channels = strings(*names);
    std::erase_if(*event.as_object(), [](const auto& each) { return each.key == kAsgiChannelKey; });
  }
  EXPECT_EQ(json::to_json(got->event), json::to_json(event));
  EXPECT_EQ(got->channels, channels);
}

TEST(CoreSend, IsThatOfPythonByteForByte) {
  auto serializer = core();
  for (const json::Value& each : list(vectors("core_send"))) {
    const std::string payload = bytes(each, "payload_hex");
    EXPECT_EQ(packed(member(each, "decoded")), payload);
    EXPECT_EQ(bytes(each, "random_prefix_hex") + payload, bytes(each, "member_hex"));
    expect_decoded(serializer.decode(bytes(each, "member_hex"), kNow), member(each, "decoded"));
    const json::Value& message = member(each, "message");
    if (has_bytes(message)) continue;  // an event of ours has none
    const EncodedEvent event = serializer.encode(as_read(message));
    const std::string channel = text(each, "channel");
    const std::string ours = channel.find('!') == std::string::npos
                                 ? serializer.message(event, kNow)
                                 : serializer.message_for(event, channel, kNow);
    EXPECT_EQ(ours.substr(12), payload) << json::to_json(message);
  }
}

TEST(CoreGroupSend, IsThatOfPythonByteForByte) {
  auto serializer = core();
  const json::Value& sent = vectors("core_group_send");
  const EncodedEvent event = serializer.encode(member(sent, "message"));
  for (const auto& [key, written] : members(member(sent, "written"))) {
    std::vector<std::string> channels;
    for (const json::Value& each : list(member(sent, "members"))) {
      const std::string channel = text(each, "channel");
      if (core_channel_key("asgi", channel) == key) channels.push_back(channel);
    }
    const std::string ours = serializer.message_for(event, channels, kNow);
    EXPECT_EQ(ours.substr(12), bytes(written, "payload_hex")) << key;
    expect_decoded(serializer.decode(bytes(written, "member_hex"), kNow),
                   member(written, "decoded"));
  }
}

TEST(CoreReceive, DecodesWhatGatewaysReceived) {
  const auto serializer = core();
  for (const json::Value& each : list(member(vectors("gateway_multiplex"), "received"))) {
    const auto got = serializer.decode(bytes(each, "member_hex"), kNow);
    expect_decoded(got, member(each, "decoded"));
    ASSERT_EQ(got->channels.size(), 1U);
    EXPECT_FALSE(local_name(got->channels[0]).empty());
  }
}

// What Python accepts is accepted; what makes a Python process fail is an error here, and so is a
// type of bytes, with which its consumer fails.
TEST(CoreReceive, SurvivesWhatPythonDoesNot) {
  const auto serializer = core();
  size_t accepted_count = 0;
  for (const json::Value& each : list(vectors("core_python_receiver_behaviour"))) {
    const std::string label = text(each, "label");
    const auto got = serializer.decode(bytes(each, "member_hex"), kNow);
    const bool is_good = each.find("exception") == nullptr && label != "text sent as bin";
    EXPECT_EQ(got.has_value(), is_good) << label;
    if (!got) continue;
    ++accepted_count;
    const bool is_addressed = label != "missing field";
    EXPECT_EQ(got->channels,
              is_addressed ? std::vector{text(each, "channel")} : std::vector<std::string>());
    if (!is_addressed) continue;
    EXPECT_EQ(got->event, member(each, "returned")) << label;
  }
  EXPECT_EQ(accepted_count, 6U);
}

TEST(Pubsub, IsTheBareBody) {
  auto serializer = pubsub();
  for (const json::Value& each : list(vectors("pubsub_published"))) {
    const std::string payload = bytes(each, "payload_hex");
    const EncodedEvent event = serializer.encode(member(each, "decoded"));
    EXPECT_EQ(serializer.message(event, kNow), payload);
    expect_decoded(serializer.decode(payload, kNow), member(each, "decoded"));
  }
}

TEST(JsonSerializer, IsThatOfPythonByteForByte) {
  config::LayerSettings json_settings = settings();
  json_settings.serializer = "json";
  auto core_json = core(json_settings);
  auto pubsub_json = pubsub(json_settings);
  for (const json::Value& each : list(vectors("json_serializer"))) {
    const json::Value& message = member(each, "message");
    const std::string json_text = text(each, "json_text");
    const bool is_core = text(each, "layer") == "core";
    auto& serializer = is_core ? core_json : pubsub_json;
    const std::string ours = serializer.message(serializer.encode(message), kNow);
    EXPECT_EQ(is_core ? ours.substr(12) : ours, json_text);
    expect_decoded(serializer.decode(is_core ? bytes(each, "member_hex") : json_text, kNow),
                   message);
  }
}

TEST(JsonSerializer, AddressesChannels) {
  config::LayerSettings json_settings = settings();
  json_settings.serializer = "json";
  json_settings.random_prefix_length = 0;
  auto serializer = core(json_settings);
  const EncodedEvent event = serializer.encode(parsed(R"({"type":"x"})"));
  EXPECT_EQ(serializer.message_for(event, "a!b", kNow),
            R"({"type": "x", "__asgi_channel__": "a!b"})");
  const std::string list_text =
      serializer.message_for(event, std::vector<std::string>{"a!b", "a!c"}, kNow);
  EXPECT_EQ(list_text, R"({"type": "x", "__asgi_channel__": ["a!b", "a!c"]})");
  EXPECT_EQ(serializer.decode(list_text, kNow)->channels, (std::vector<std::string>{"a!b", "a!c"}));
  const EncodedEvent nothing = serializer.encode(parsed("{}"));
  EXPECT_EQ(serializer.message(nothing, kNow), "{}");
  EXPECT_EQ(serializer.message_for(nothing, "a!b", kNow), R"({"__asgi_channel__": "a!b"})");
}

TEST(Encryption, DecryptsWhatPythonEncrypted) {
  const json::Value& captured = member(vectors("encryption"), "captured_core");
  auto serializer = core(settings({"secret-1", "old-key"}));
  expect_decoded(serializer.decode(bytes(captured, "member_hex"), kNow),
                 member(captured, "decrypts_to"));
  const json::Value& published = member(vectors("encryption"), "captured_pubsub");
  EXPECT_TRUE(pubsub(settings({"secret-1"})).decode(text(published, "payload_ascii"), kNow));
}

TEST(Encryption, MakesTheKeysThatPythonMakes) {
  for (const json::Value& each : list(member(vectors("encryption"), "keys_tried"))) {
    const json::Value& fixed = member(each, "fixed");
    crypto::AesBlock iv;
    std::ranges::copy(as_bytes(bytes(fixed, "iv_hex")), iv.begin());
    const auto key = crypto::FernetKey::from_text(text(each, "configured_key"));
    const auto made_at = static_cast<int64_t>(test::count(fixed, "timestamp"));
    EXPECT_EQ(key.encrypt(bytes(fixed, "plaintext_hex"), made_at, iv), text(fixed, "token_ascii"));
    const auto body = key.decrypt(text(fixed, "token_ascii"), made_at);
    ASSERT_TRUE(body);
    EXPECT_EQ(*body, bytes(fixed, "plaintext_hex"));
  }
}

TEST(Encryption, RefusesOldTokensInCoreOnly) {
  const json::Value& key = list(member(vectors("encryption"), "keys_tried"))[0];
  const json::Value& fixed = member(key, "fixed");
  const auto made_at = static_cast<int64_t>(test::count(fixed, "timestamp"));
  const std::string token = text(fixed, "token_ascii");
  const std::string prefix(12, 'x');
  const auto core_serializer = core(settings({"secret-1"}));
  EXPECT_TRUE(core_serializer.decode(prefix + token, made_at + 70));
  EXPECT_EQ(core_serializer.decode(prefix + token, made_at + 71).error(), DecodeError::kExpired);
  EXPECT_TRUE(core_serializer.decode(prefix + token, made_at - 60));
  EXPECT_EQ(core_serializer.decode(prefix + token, made_at - 61).error(), DecodeError::kExpired);
  EXPECT_TRUE(pubsub(settings({"secret-1"})).decode(token, made_at + 1'000'000));
}

TEST(Encryption, UsesTheFirstKeyAndReadsWithAll) {
  const json::Value event = parsed(R"({"type":"x"})");
  auto before = core(settings({"old"}));
  auto rotated = core(settings({"new", "old"}));
  auto after = core(settings({"new"}));
  const std::string from_before = before.message(before.encode(event), kNow);
  const std::string from_rotated = rotated.message(rotated.encode(event), kNow);
  EXPECT_TRUE(rotated.decode(from_before, kNow));
  EXPECT_TRUE(rotated.decode(from_rotated, kNow));
  EXPECT_TRUE(after.decode(from_rotated, kNow));
  EXPECT_EQ(before.decode(from_rotated, kNow).error(), DecodeError::kToken);
  EXPECT_EQ(after.decode(from_before, kNow).error(), DecodeError::kToken);
}

TEST(Encryption, IsNotReadWhereNoneIsExpectedNorTheOtherWay) {
  const json::Value event = parsed(R"({"type":"x"})");
  auto plain = core();
  auto encrypted = core(settings({"key"}));
  EXPECT_FALSE(plain.decode(encrypted.message(encrypted.encode(event), kNow), kNow));
  EXPECT_EQ(encrypted.decode(plain.message(plain.encode(event), kNow), kNow).error(),
            DecodeError::kToken);
}

TEST(Encryption, IsDifferentEachTime) {
  auto serializer = pubsub(settings({"key"}));
  const EncodedEvent event = serializer.encode(parsed(R"({"type":"x"})"));
  std::set<std::string> messages;
  for (int i = 0; i < 10; ++i) messages.insert(serializer.message(event, kNow));
  EXPECT_EQ(messages.size(), 10U);
}

TEST(Serializer, WritesEqualEventsApartAndInOrder) {
  auto serializer = core();
  const EncodedEvent event = serializer.encode(parsed(R"({"type":"x"})"));
  std::string last;
  for (int i = 0; i < 300; ++i) {
    std::string message = serializer.message(event, kNow);
    EXPECT_LT(last, message);
    last = std::move(message);
  }
}

TEST(Serializer, HasPrefixesOfTheLengthThatIsSet) {
  for (const uint32_t length : {0U, 1U, 12U, 40U}) {
    config::LayerSettings layer = settings();
    layer.random_prefix_length = length;
    auto serializer = core(layer);
    const std::string message =
        serializer.message(serializer.encode(parsed(R"({"type":"x"})")), kNow);
    EXPECT_EQ(message.substr(length), "\x81\xa4type\xa1x");
    EXPECT_TRUE(serializer.decode(message, kNow));
  }
}

TEST(Serializer, LetsNobodyWriteTheReservedEntry) {
  auto serializer = pubsub();
  const json::Value event = parsed(R"({"type":"x","__asgi_channel__":"a!b","n":1})");
  const EncodedEvent encoded = serializer.encode(event);
  EXPECT_EQ(serializer.message(encoded, kNow), "\x82\xa4type\xa1x\xa1n\x01");
  EXPECT_EQ(serializer.decode(serializer.message_for(encoded, "c!d", kNow), kNow)->channels,
            std::vector<std::string>{"c!d"});
}

TEST(Serializer, CountsEveryEntryInTheHeader) {
  auto serializer = pubsub();
  for (const int count : {14, 15, 16}) {
    json::Value event = json::Value::object();
    for (int i = 0; i < count; ++i) event.set(std::to_string(i), json::Value(i));
    const auto got = serializer.decode(
        serializer.message_for(serializer.encode(event), std::vector<std::string>{"a!b"}, kNow),
        kNow);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->event, event);
    EXPECT_EQ(got->channels, std::vector<std::string>{"a!b"});
  }
}

DecodeError error_of(const ChannelsRedisSerializer& serializer, std::string_view message) {
  const auto got = serializer.decode(message, kNow);
  EXPECT_FALSE(got);
  return got ? DecodeError::kMalformed : got.error();
}

TEST(Serializer, SaysWhyItCannotDecode) {
  EXPECT_EQ(error_of(core(), "short"), DecodeError::kTooShort);
  EXPECT_EQ(error_of(core(), std::string(12, 'x')), DecodeError::kMalformed);
  EXPECT_EQ(error_of(pubsub(), "\x91\x01"), DecodeError::kNotAMap);
  EXPECT_EQ(error_of(pubsub(), "\x81"), DecodeError::kMalformed);
  EXPECT_EQ(error_of(pubsub(), "\x81\xa4type\xc4\x01x"), DecodeError::kMalformed);
  config::LayerSettings json_settings = settings();
  json_settings.serializer = "json";
  EXPECT_EQ(error_of(pubsub(json_settings), "[]"), DecodeError::kNotAMap);
  EXPECT_EQ(error_of(pubsub(json_settings), "{"), DecodeError::kMalformed);
}

TEST(Serializer, ReadsBodiesUpToItsLimit) {
  const ChannelsRedisSerializer serializer({.random_prefix_bytes = 2, .body_bytes_max = 4});
  EXPECT_TRUE(serializer.decode("xx\x81\xa1k\x01", kNow));
  EXPECT_EQ(error_of(serializer, "xx\x81\xa2kk\x01"), DecodeError::kTooLarge);
}

TEST(Serializer, IgnoresNamesThatAreNoText) {
  const auto serializer = pubsub();
  const std::string body = "\x82\xa4type\xa1x" + std::string("\xb0__asgi_channel__");
  EXPECT_TRUE(serializer.decode(body + "\x07", kNow)->channels.empty());
  EXPECT_EQ(serializer.decode(body + "\x92\x07\xa1y", kNow)->channels,
            std::vector<std::string>{"y"});
}

TEST(DecodeError, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const DecodeError error :
       {DecodeError::kTooShort, DecodeError::kTooLarge, DecodeError::kToken, DecodeError::kExpired,
        DecodeError::kMalformed, DecodeError::kNotAMap}) {
    names.insert(slug(error));
  }
  EXPECT_EQ(names.size(), 6U);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace carillon::layer
