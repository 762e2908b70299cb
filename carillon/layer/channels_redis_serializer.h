// Messages as channels_redis writes them: a map in msgpack or JSON, encrypted or not, behind the
// prefix of core. Pure but for the random bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/base/secret.h"
#include "carillon/config/settings.h"
#include "carillon/crypto/fernet.h"
#include "carillon/json/value.h"
#include "carillon/layer/channels_redis_order.h"

namespace carillon::layer {

enum class SerializerFormat : uint8_t { kMsgpack, kJson };

struct SerializerOptions {
  SerializerFormat format = SerializerFormat::kMsgpack;
  std::vector<Secret> keys{};           // the first encrypts, all decrypt; empty: plain
  size_t random_prefix_bytes = 12;      // 0 for pubsub
  std::optional<uint32_t> token_ttl_s;  // oldest token that is read; none: any, as pubsub has it
  size_t body_bytes_max = 1 << 20;      // of what is read
};

// As RedisChannelLayer and RedisPubSubChannelLayer make theirs.
SerializerOptions core_serializer_options(const config::LayerSettings& settings);
SerializerOptions pubsub_serializer_options(const config::LayerSettings& settings);

enum class DecodeError : uint8_t {
  kTooShort,   // shorter than the prefix
  kTooLarge,   // than body_bytes_max
  kToken,      // no key decrypts it: another key, plain text, or changed
  kExpired,    // a token older than it may be, or from the future
  kMalformed,  // not one document of the format, or its type is bytes
  kNotAMap,
};
// A snake_case name for logs and metrics.
std::string_view slug(DecodeError error) noexcept;

struct DecodedMessage {
  json::Value event;                  // an object, without the reserved entry
  std::vector<std::string> channels;  // whom it is for, whole names; empty: the key says it
};

// An event encoded once, to be completed for each key that it goes to.
class EncodedEvent {
 private:
  friend class ChannelsRedisSerializer;
  std::string members_;  // without what opens and closes the map
  size_t count_ = 0;
};

// One loop: it has the keys' contexts, a counter and a random source.
class ChannelsRedisSerializer {
 public:
  explicit ChannelsRedisSerializer(const SerializerOptions& options);

  // `event` is an object; its reserved entry, which is the layer's to write, is left out.
  EncodedEvent encode(const json::Value& event) const;

  // A whole member or payload, different each time where there is a prefix or a key. `now_s`, Unix
  // time, goes into tokens.
  std::string message(const EncodedEvent& event, int64_t now_s);
  // For one channel, as send() addresses a process: the entry is a string.
  std::string message_for(const EncodedEvent& event, std::string_view channel, int64_t now_s);
  // For the channels of one key, as group_send() has it: the entry is a list.
  std::string message_for(const EncodedEvent& event,
                          std::span<const std::string> channels,
                          int64_t now_s);

  // What a peer wrote.
  Result<DecodedMessage, DecodeError> decode(std::string_view message, int64_t now_s) const;

 private:
  std::string completed(const EncodedEvent& event, std::string_view entry, int64_t now_s);
  std::string sealed(std::string_view body, int64_t now_s);
  Result<std::string, DecodeError> open(std::string_view token, int64_t now_s) const;
  Result<json::Value, DecodeError> parse(std::string_view body) const;

  const SerializerFormat format_;
  const size_t random_prefix_bytes_;
  const std::optional<uint32_t> token_ttl_s_;
  const size_t body_bytes_max_;
  std::vector<crypto::FernetKey> keys_;
  MemberPrefixes prefixes_;
};

}  // namespace carillon::layer
