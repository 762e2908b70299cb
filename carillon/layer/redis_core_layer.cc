#include "carillon/layer/redis_core_layer.h"

#include <algorithm>
#include <utility>

#include "carillon/layer/channels_redis_names.h"

namespace carillon::layer {
namespace {

constexpr uint64_t kRetryMsMax = 500;

redis::ClientOptions writer_options(const RedisLayerOptions& options) {
  return {.command_timeout_ms = 3'000,
          .retry_ms_max = kRetryMsMax,
          .pending_commands_max = 262'144,
          .write_probe_key = group_key(options.prefix, kNodesGroup)};
}

redis::ClientOptions reader_options() {
  return {.command_timeout_ms = 3'000, .retry_ms_max = kRetryMsMax, .write_probe_key = {}};
}

void ignore(const redis::CommandResult&) {}  // its cause shows in the client's trouble

}  // namespace

RedisCoreLayer::RedisCoreLayer(const RedisLayerParts& parts, RedisLayerOptions options)
    : loop_(parts.loop),
      options_(std::move(options)),
      process_channel_(make_process_channel()),
      metrics_(parts.registry),
      inbox_(parts.gateway, metrics_, parts.logger),
      log_(parts.logger),
      serializer_(options_.serializer),
      hosts_([&] {
        std::vector<std::unique_ptr<Host>> hosts;
        for (size_t i = 0; i < options_.hosts.size(); ++i) hosts.push_back(make_host(i, parts));
        return hosts;
      }()),
      membership_(parts.loop, options_, process_channel_, writers(), [this] { report(); }),
      sender_(parts.loop, options_, process_channel_, writers(), parts.gateway),
      receiver_(parts, options_) {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i]->writer.set_on_change([this, i] {
      membership_.on_host_change(i);
      report();
    });
    hosts_[i]->reader.set_on_change([this, i] {
      hosts_[i]->inbox.on_change();
      report();
    });
    hosts_[i]->writer.start();
    hosts_[i]->reader.start();
  }
  membership_.start();
}

RedisCoreLayer::~RedisCoreLayer() = default;

std::unique_ptr<RedisCoreLayer::Host> RedisCoreLayer::make_host(size_t index,
                                                                const RedisLayerParts& parts) {
  const redis::Location& location = options_.hosts[index];
  auto host = std::unique_ptr<Host>(new Host{
      redis::Client(parts.loop, parts.resolver, location, writer_options(options_)),
      redis::Client(parts.loop, parts.resolver, location, reader_options()),
      CoreReader(host->reader, channel_key(options_.prefix, process_channel_),
                 [this](std::string_view message) { on_message(message); })});
  return host;
}

}  // namespace carillon::layer
