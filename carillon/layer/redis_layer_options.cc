#include "carillon/layer/redis_layer_options.h"

#include <charconv>

namespace carillon::layer {
namespace {

constexpr size_t kGatewayCapacity = 10'000;

Result<redis::HostPort, Error> parse_sentinel(const std::string& text) {
  const size_t colon = text.rfind(':');
  redis::HostPort found{.host = text.substr(0, colon), .port = 26'379};
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, found.port);
    if (error != std::errc() || stop != end) {
      return Err(Error{"bad_sentinel", text + ": a Sentinel is given as HOST:PORT"});
    }
  }
  if (found.host.starts_with('[') && found.host.ends_with(']')) {
    found.host = found.host.substr(1, found.host.size() - 2);
  }
  return found;
}

}  // namespace

Result<redis::Location, Error> redis_location(const config::RedisHost& host) {
  CARILLON_TRY(redis::Location location, redis::Location::parse(host.url.reveal()));
  if (host.sentinels.empty()) return location;
  redis::SentinelGroup group{.master_name = host.sentinel_master,
                             .credentials = {host.sentinel_user, host.sentinel_password}};
  for (const std::string& text : host.sentinels) {
    CARILLON_TRY(redis::HostPort sentinel, parse_sentinel(text));
    group.sentinels.push_back(std::move(sentinel));
  }
  location.sentinel = std::move(group);
  return location;
}

Result<RedisLayerOptions, Error> redis_layer_options(const config::LayerSettings& settings) {
  RedisLayerOptions options{.prefix = settings.prefix,
                            .expiry_s = settings.expiry_s,
                            .group_expiry_s = settings.group_expiry_s,
                            .serializer = settings.backend == "pubsub"
                                              ? pubsub_serializer_options(settings)
                                              : core_serializer_options(settings)};
  for (const config::RedisHost& host : settings.redis_hosts()) {
    CARILLON_TRY(redis::Location location, redis_location(host));
    options.hosts.push_back(std::move(location));
  }
  std::vector<CapacityRule> rules;
  for (const std::string& text : settings.channel_capacities) {
    // Checked with the settings.
    if (const auto rule = config::parse_channel_capacity(text)) {
      rules.push_back({rule->glob, rule->capacity});
    }
  }
  // Other nodes read as fast as they can: what waits for them is a burst, not a backlog.
  rules.push_back({"gw.*", kGatewayCapacity});
  options.capacities = Capacities(settings.capacity, std::move(rules));
  return options;
}

}  // namespace carillon::layer
