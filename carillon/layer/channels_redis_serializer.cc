#include "carillon/layer/channels_redis_serializer.h"

#include <algorithm>

#include "carillon/base/assert.h"
#include "carillon/base/random.h"
#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/python_json.h"
#include "carillon/msgpack/reader.h"
#include "carillon/msgpack/writer.h"

namespace carillon::layer {
namespace {

constexpr uint32_t kTokenGraceS = 10;  // beyond the expiry, as channels_redis.core has it
constexpr size_t kDepthMax = 512;      // Python writes up to 511

json::Value::Object without_reserved(const json::Value::Object& members) {
  json::Value::Object kept;
  for (const json::Value::Member& member : members) {
    if (member.key != kAsgiChannelKey) kept.push_back(member);
  }
  return kept;
}

std::vector<std::string> names_in(const json::Value& entry) {
  std::vector<std::string> names;
  if (const std::string* name = entry.as_string()) names.push_back(*name);
  if (const json::Value::Array* list = entry.as_array()) {
    for (const json::Value& item : *list) {
      if (const std::string* name = item.as_string()) names.push_back(*name);
    }
  }
  return names;
}

void append_text(std::string& out, SerializerFormat format, std::string_view text) {
  if (format == SerializerFormat::kMsgpack) {
    msgpack::append_str(out, text);
  } else {
    append_python_json_string(out, text);
  }
}

void append_list(std::string& out, SerializerFormat format, std::span<const std::string> texts) {
  const bool is_json = format == SerializerFormat::kJson;
  if (is_json) {
    out += '[';
  } else {
    msgpack::append_array_header(out, texts.size());
  }
  for (const std::string& text : texts) {
    if (is_json && &text != texts.data()) out += ", ";
    append_text(out, format, text);
  }
  if (is_json) out += ']';
}

SerializerOptions common_options(const config::LayerSettings& settings) {
  return {.format =
              settings.serializer == "json" ? SerializerFormat::kJson : SerializerFormat::kMsgpack,
          .keys = settings.keys};
}

}  // namespace

SerializerOptions core_serializer_options(const config::LayerSettings& settings) {
  SerializerOptions options = common_options(settings);
  options.random_prefix_bytes = settings.random_prefix_length;
  options.token_ttl_s = settings.expiry_s + kTokenGraceS;
  return options;
}

SerializerOptions pubsub_serializer_options(const config::LayerSettings& settings) {
  SerializerOptions options = common_options(settings);
  options.random_prefix_bytes = 0;
  return options;
}

ChannelsRedisSerializer::ChannelsRedisSerializer(const SerializerOptions& options)
    : format_(options.format),
      random_prefix_bytes_(options.random_prefix_bytes),
      token_ttl_s_(options.token_ttl_s),
      body_bytes_max_(options.body_bytes_max),
      prefixes_(options.random_prefix_bytes) {
  for (const Secret& key : options.keys) {
    keys_.push_back(crypto::FernetKey::from_text(key.reveal()));
  }
}

EncodedEvent ChannelsRedisSerializer::encode(const json::Value& event) const {
  CARILLON_ASSERT(event.is_object());
  json::Value::Object kept;
  const json::Value::Object* members = event.as_object();
  if (event.find(kAsgiChannelKey) != nullptr) {
    kept = without_reserved(*members);
    members = &kept;
  }
  EncodedEvent encoded;
  encoded.count_ = members->size();
  if (format_ == SerializerFormat::kMsgpack) {
    msgpack::append_members(encoded.members_, *members);
  } else {
    append_python_json_members(encoded.members_, *members);
  }
  return encoded;
}

std::string ChannelsRedisSerializer::message(const EncodedEvent& event, int64_t now_s) {
  return completed(event, "", now_s);
}

std::string ChannelsRedisSerializer::message_for(const EncodedEvent& event,
                                                 std::string_view channel,
                                                 int64_t now_s) {
  std::string entry;
  append_text(entry, format_, channel);
  return completed(event, entry, now_s);
}

std::string ChannelsRedisSerializer::message_for(const EncodedEvent& event,
                                                 std::span<const std::string> channels,
                                                 int64_t now_s) {
  std::string entry;
  append_list(entry, format_, channels);
  return completed(event, entry, now_s);
}

// `entry` is the encoded value of the reserved entry; empty: the map has none.
std::string ChannelsRedisSerializer::completed(const EncodedEvent& event,
                                               std::string_view entry,
                                               int64_t now_s) {
  constexpr size_t kEnvelopeBytes = 32;  // about what header, reserved key and prefix take
  const bool is_json = format_ == SerializerFormat::kJson;
  std::string out;
  if (keys_.empty()) {
    out.reserve(event.members_.size() + entry.size() + kEnvelopeBytes);
    prefixes_.append_next(out);
  }
  if (is_json) {
    out += '{';
  } else {
    msgpack::append_map_header(out, event.count_ + (entry.empty() ? 0 : 1));
  }
  out += event.members_;
  if (!entry.empty()) {
    if (is_json && event.count_ != 0) out += ", ";
    append_text(out, format_, kAsgiChannelKey);
    if (is_json) out += ": ";
    out += entry;
  }
  if (is_json) out += '}';
  return keys_.empty() ? out : sealed(out, now_s);
}

// The prefix stays outside of the encryption.
std::string ChannelsRedisSerializer::sealed(std::string_view body, int64_t now_s) {
  crypto::AesBlock iv;
  fill_random(iv);
  std::string out;
  prefixes_.append_next(out);
  return out += keys_.front().encrypt(body, now_s, iv);
}

Result<DecodedMessage, DecodeError> ChannelsRedisSerializer::decode(std::string_view message,
                                                                    int64_t now_s) const {
  if (message.size() < random_prefix_bytes_) return Err(DecodeError::kTooShort);
  message.remove_prefix(random_prefix_bytes_);
  if (message.size() > body_bytes_max_) return Err(DecodeError::kTooLarge);
  std::string opened;
  if (!keys_.empty()) {
    CARILLON_TRY(opened, open(message, now_s));
    message = opened;
  }
  DecodedMessage decoded;
  CARILLON_TRY(decoded.event, parse(message));
  if (!decoded.event.is_object()) return Err(DecodeError::kNotAMap);
  json::Value::Object& members = *decoded.event.as_object();
  const auto reserved = std::ranges::find(members, kAsgiChannelKey, &json::Value::Member::key);
  if (reserved != members.end()) {
    decoded.channels = names_in(reserved->value);
    members.erase(reserved);
  }
  return decoded;
}

Result<std::string, DecodeError> ChannelsRedisSerializer::open(std::string_view token,
                                                               int64_t now_s) const {
  auto error = DecodeError::kToken;
  for (const crypto::FernetKey& key : keys_) {
    auto body = key.decrypt(token, now_s, token_ttl_s_);
    if (body) return *std::move(body);
    const bool is_ours = body.error() == crypto::FernetError::kExpired ||
                         body.error() == crypto::FernetError::kFromFuture;
    if (is_ours) error = DecodeError::kExpired;
  }
  return Err(error);
}

Result<json::Value, DecodeError> ChannelsRedisSerializer::parse(std::string_view body) const {
  if (format_ == SerializerFormat::kMsgpack) {
    auto value = msgpack::parse(
        body, {.depth_max = kDepthMax, .bytes_max = body_bytes_max_, .text_member = "type"});
    if (value) return *std::move(value);
    return Err(DecodeError::kMalformed);
  }
  auto value = parse_python_json(body, {.depth_max = kDepthMax, .bytes_max = body_bytes_max_});
  if (value) return *std::move(value);
  return Err(DecodeError::kMalformed);
}

std::string_view slug(DecodeError error) noexcept {
  switch (error) {
    case DecodeError::kTooShort:
      return "too_short";
    case DecodeError::kTooLarge:
      return "too_large";
    case DecodeError::kToken:
      return "token";
    case DecodeError::kExpired:
      return "expired";
    case DecodeError::kMalformed:
      return "malformed";
    case DecodeError::kNotAMap:
      return "not_a_map";
  }
  return "";
}

}  // namespace carillon::layer
