// What channels_redis calls things in Redis: keys, Pub/Sub channels, and which of several hosts
// has them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace carillon::layer {

// The entry of a core message that says which channels it is for.
inline constexpr std::string_view kAsgiChannelKey = "__asgi_channel__";

// The name up to its `!`, which stands for one process, or all of a name that has none.
std::string_view non_local_name(std::string_view channel) noexcept;
// What comes after the `!`; empty without one.
std::string_view local_name(std::string_view channel) noexcept;

// channels_redis.core, whose names are keys of sorted sets.
std::string core_group_key(std::string_view prefix, std::string_view group);
std::string core_channel_key(std::string_view prefix, std::string_view channel);
// Where Python readers keep what they have taken until they have handed it on.
std::string core_inflight_key(std::string_view prefix, std::string_view channel);

// channels_redis.pubsub. A channel's name there is its own: send() adds no prefix.
std::string pubsub_group_channel(std::string_view prefix, std::string_view group);
// The group of such a channel; empty when it is none, for no group's name is.
std::string_view pubsub_group_of(std::string_view prefix, std::string_view redis_channel) noexcept;

// Which of `host_count` (at least 1) hosts has `value`. What is hashed differs: a group's own name
// and the non-local name of a channel in core, the whole Redis name in pubsub.
size_t shard_index(std::string_view value, size_t host_count) noexcept;

}  // namespace carillon::layer
