// What both Redis layers are made with, and what they tell the people who run them.
#pragma once

#include <string>
#include <string_view>

#include "carillon/layer/channel_layer.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/log/logger.h"
#include "carillon/metrics/registry.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"

namespace carillon::layer {

// All is borrowed for life.
struct RedisLayerParts {
  net::EventLoop& loop;
  net::Resolver& resolver;
  Gateway& gateway;
  const log::Logger& logger;
  metrics::Registry& registry;
};

// The cells of a Redis layer; written on the node's loop.
struct RedisLayerMetrics {
  explicit RedisLayerMetrics(metrics::Registry& registry);

  metrics::Gauge& ready;
  metrics::Gauge& groups;
  metrics::Counter& received;
  metrics::Counter& undecodable;
  metrics::Counter& unaddressed;
  metrics::Counter& invalid;
  metrics::Counter& reconnects;
  metrics::Counter& flushes;
};

// "gw." + 32 hex digits + "!": new for each process, as every channel name of Channels is.
std::string make_process_channel();

// Messages from Redis to the gateway: checked, counted, handed on. On the node's loop.
class RedisInbox {
 public:
  RedisInbox(Gateway& gateway, RedisLayerMetrics& metrics, const log::Logger& logger);

  // The event of a body that could be read; null, and counted, where no event may be made of it.
  EventPtr event_of(Result<Decoded, DecodeError>& decoded);
  void deliver_to_group(std::string_view group, const EventPtr& event, size_t byte_count);
  void deliver_direct(std::string_view local_name, const EventPtr& event);
  void count_unaddressed() { metrics_.unaddressed.add(); }

 private:
  Gateway& gateway_;
  RedisLayerMetrics& metrics_;
  log::StateLog log_;
};

}  // namespace carillon::layer
