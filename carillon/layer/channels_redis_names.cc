#include "carillon/layer/channels_redis_names.h"

#include <algorithm>

#include "carillon/base/bytes.h"
#include "carillon/base/crc32.h"

namespace carillon::layer {
namespace {

constexpr std::string_view kCoreGroup = ":group:";
constexpr std::string_view kPubsubGroup = "__group__";
constexpr std::string_view kInflight = "$inflight";

std::string joined(std::string_view a, std::string_view b, std::string_view c = {}) {
  std::string out;
  out.reserve(a.size() + b.size() + c.size());
  out.append(a).append(b).append(c);
  return out;
}

}  // namespace

std::string_view non_local_name(std::string_view channel) noexcept {
  const size_t mark = channel.find('!');
  return mark == std::string_view::npos ? channel : channel.substr(0, mark + 1);
}

std::string_view local_name(std::string_view channel) noexcept {
  const size_t mark = channel.find('!');
  return mark == std::string_view::npos ? std::string_view() : channel.substr(mark + 1);
}

std::string core_group_key(std::string_view prefix, std::string_view group) {
  return joined(prefix, kCoreGroup, group);
}

std::string core_channel_key(std::string_view prefix, std::string_view channel) {
  return joined(prefix, non_local_name(channel));
}

std::string core_inflight_key(std::string_view prefix, std::string_view channel) {
  return joined(prefix, non_local_name(channel), kInflight);
}

std::string pubsub_group_channel(std::string_view prefix, std::string_view group) {
  return joined(prefix, kPubsubGroup, group);
}

std::string_view pubsub_group_of(std::string_view prefix, std::string_view redis_channel) noexcept {
  if (!redis_channel.starts_with(prefix)) return {};
  redis_channel.remove_prefix(prefix.size());
  return redis_channel.starts_with(kPubsubGroup) ? redis_channel.substr(kPubsubGroup.size())
                                                 : std::string_view();
}

// Python's own arithmetic, in doubles: the integers differ from it for some host counts.
size_t shard_index(std::string_view value, size_t host_count) noexcept {
  constexpr uint32_t kBuckets = 4096;
  if (host_count <= 1) return 0;
  const double bucket = crc32(as_bytes(value)) & (kBuckets - 1);
  const double bucket_count = static_cast<double>(kBuckets) / static_cast<double>(host_count);
  return static_cast<size_t>(bucket / bucket_count);
}

}  // namespace carillon::layer
