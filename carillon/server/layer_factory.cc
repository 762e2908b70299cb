#include "carillon/server/layer_factory.h"

#include <utility>

#include "carillon/layer/memory_layer.h"

namespace carillon::server {
namespace {

LayerParts make_memory_layer(const LayerContext& context) {
  const config::Settings& settings = context.settings;
  const layer::MemoryLayerOptions options{
      .capacity = settings.channel_capacity,
      .expiry_ms = uint64_t{settings.channel_expiry_s} * 1000,
      .group_expiry_ms = uint64_t{settings.group_expiry_s} * 1000};
  return {std::make_unique<layer::MemoryLayer>(options, context.node, context.clock),
          std::make_unique<publish::MemoryIdempotencyTable>(settings.limits.idempotency_keys_max,
                                                            context.clock)};
}

}  // namespace

Result<LayerParts, Error> make_layer(const LayerContext& context) {
  if (context.settings.layer == "memory") return make_memory_layer(context);
  // The settings were checked before (config::validate_for_serving); the text may hold a password.
  return Err(Error{"layer_unsupported", "layer: this version has the memory layer only"});
}

}  // namespace carillon::server
