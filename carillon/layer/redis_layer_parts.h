// What both Redis layers are made with, and what they tell the people who run them.
#pragma once

#include "carillon/layer/arrivals.h"
#include "carillon/layer/channel_layer.h"
#include "carillon/layer/channels_redis_serializer.h"
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
  metrics::Counter& unaddressed;
  metrics::Counter& expired;
  metrics::Counter& reconnects;
  metrics::Counter& flushes;
};

// Messages from Redis, checked and counted. On the node's loop.
class RedisInbox {
 public:
  RedisInbox(const RedisLayerParts& parts, RedisLayerMetrics& metrics)
      : arrivals_(parts.registry), metrics_(metrics), log_(parts.logger) {}

  // The event of a message; null, and counted, where it could not be read or none may be made of
  // it.
  EventPtr event_of(Result<DecodedMessage, DecodeError>& decoded);
  void count_unaddressed() { metrics_.unaddressed.add(); }
  void count_expired() { metrics_.expired.add(); }

 private:
  Arrivals arrivals_;
  RedisLayerMetrics& metrics_;
  log::StateLog log_;
};

}  // namespace carillon::layer
