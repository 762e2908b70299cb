#include "carillon/layer/redis_layer_parts.h"

#include <utility>

namespace carillon::layer {
namespace {

metrics::Counter& dropped(metrics::Registry& registry, const char* reason) {
  return registry.counter("carillon_layer_dropped_total",
                          "Messages from the channel layer that reached no connection, by reason",
                          {{"reason", reason}});
}

}  // namespace

RedisLayerMetrics::RedisLayerMetrics(metrics::Registry& registry)
    : ready(registry.gauge("carillon_layer_ready", "1 while the channel layer can be used")),
      groups(registry.gauge("carillon_layer_groups", "Groups that this node has joined in Redis")),
      received(registry.counter("carillon_layer_received_total",
                                "Messages that came from the channel layer")),
      unaddressed(dropped(registry, "unaddressed")),
      expired(dropped(registry, "expired")),
      reconnects(registry.counter("carillon_layer_reconnects_total",
                                  "Connections to Redis that had to be made again")),
      flushes(registry.counter("carillon_layer_flushes_total",
                               "Times that somebody emptied the channel layer under us")) {}

EventPtr RedisInbox::event_of(Result<DecodedMessage, DecodeError>& decoded) {
  metrics_.received.add();
  if (!decoded) {
    arrivals_.refuse();
    log_.unwell(
        "messages of the channel layer cannot be read: are serializer, keys and "
        "random prefix those of Django's CHANNEL_LAYERS?",
        {{"reason", slug(decoded.error())}});
    return nullptr;
  }
  log_.well("messages of the channel layer can be read again");
  return arrivals_.accept(std::move(decoded->event));
}

}  // namespace carillon::layer
