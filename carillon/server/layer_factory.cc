#include "carillon/server/layer_factory.h"

#include <algorithm>
#include <utility>

#include "carillon/layer/memory_layer.h"
#include "carillon/layer/redis_core_layer.h"
#include "carillon/layer/redis_pubsub_layer.h"
#include "carillon/layer/redis_state_cache.h"
#include "carillon/publish/redis_idempotency.h"

namespace carillon::server {
namespace {

constexpr size_t kEnvelopeBytesMax = 65'536;  // names of channels, and what a message begins with

LayerParts make_memory_layer(const LayerContext& context) {
  const config::LayerSettings& settings = context.settings.layer;
  const layer::MemoryLayerOptions options{
      .capacity = settings.capacity,
      .expiry_ms = uint64_t{settings.expiry_s} * 1000,
      .group_expiry_ms = uint64_t{settings.group_expiry_s} * 1000};
  LayerParts parts;
  parts.layer = std::make_unique<layer::MemoryLayer>(options, context.node, context.clock);
  parts.idempotency = std::make_unique<publish::MemoryIdempotencyTable>(
      context.settings.limits.idempotency_keys_max, context.clock);
  return parts;
}

Result<LayerParts, Error> make_redis_layer(const LayerContext& context) {
  const config::LayerSettings& settings = context.settings.layer;
  CARILLON_TRY(layer::RedisLayerOptions options, layer::redis_layer_options(settings));
  LayerParts parts;
  parts.resolver = std::make_unique<net::Resolver>();
  // Python's JSON writes a letter of two bytes in six, and encryption four bytes for three.
  options.serializer.body_bytes_max =
      std::max<size_t>(options.serializer.body_bytes_max,
                       size_t{4} * context.settings.limits.body_bytes_max + kEnvelopeBytesMax);
  parts.cache_location = options.hosts.front();
  parts.idempotency = std::make_unique<publish::RedisIdempotencyTable>(
      context.node.loop(), *parts.resolver, options.hosts.front(), options.prefix);
  const layer::RedisLayerParts with{context.node.loop(), *parts.resolver, context.node,
                                    context.logger, context.registry};
  parts.state_cache = std::make_unique<layer::RedisStateCache>(with, options.hosts.front(),
                                                               options.prefix, settings.keys);
  if (settings.backend == "pubsub") {
    parts.layer = std::make_unique<layer::RedisPubSubLayer>(with, std::move(options));
  } else {
    parts.layer = std::make_unique<layer::RedisCoreLayer>(with, std::move(options));
  }
  return parts;
}

}  // namespace

Result<LayerParts, Error> make_layer(const LayerContext& context) {
  if (!context.settings.layer.is_redis()) return make_memory_layer(context);
  return make_redis_layer(context);
}

}  // namespace carillon::server
