// Where the channel layer is, out of the ways in which that can be said.
#include <charconv>

#include "carillon/config/redis_host.h"
#include "carillon/config/settings.h"
#include "carillon/config/url.h"

namespace carillon::config {

std::string printable(const RedisHost& host) {
  std::string text;
  if (host.sentinels.empty()) return without_password(host.url.reveal());
  text = host.sentinel_master + " at";
  for (const std::string& sentinel : host.sentinels) text += ' ' + sentinel;
  return text;
}

std::vector<RedisHost> LayerSettings::redis_hosts() const {
  if (!hosts.empty()) return hosts;
  const bool is_url = url.reveal() != "memory";
  if (sentinels.empty() && !is_url) return {};
  return {{.url = is_url ? url : Secret("redis://"),
           .sentinels = sentinels,
           .sentinel_master = sentinel_master,
           .sentinel_user = sentinel_user,
           .sentinel_password = sentinel_password}};
}

std::string LayerSettings::printable() const {
  std::string text;
  for (const RedisHost& host : redis_hosts()) {
    if (!text.empty()) text += ", ";
    text += config::printable(host);
  }
  return text.empty() ? "memory" : text;
}

std::optional<ChannelCapacity> parse_channel_capacity(std::string_view text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  ChannelCapacity found{.glob = std::string(text.substr(0, equals))};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, found.capacity);
  if (error != std::errc() || stop != end || found.capacity == 0) return std::nullopt;
  return found;
}

}  // namespace carillon::config
