// The channel layer that the settings name, and what else it decides.
#pragma once

#include <memory>

#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/fanout/node.h"
#include "carillon/layer/channel_layer.h"
#include "carillon/net/resolver.h"
#include "carillon/publish/idempotency.h"

namespace carillon::server {

// Everything is borrowed for the life of what is made.
struct LayerContext {
  const config::Settings& settings;
  fanout::Node& node;
  const Clock& clock;
  metrics::Registry& registry;
  const log::Logger& logger;
};

// The layer and the table of idempotency keys. Both live on the node's loop, and are made before it
// runs. The resolver, where the layer needs one, must go before that loop does.
struct LayerParts {
  std::unique_ptr<net::Resolver> resolver = {};
  std::unique_ptr<layer::ChannelLayer> layer;
  std::unique_ptr<publish::IdempotencyTable> idempotency;
};
Result<LayerParts, Error> make_layer(const LayerContext& context);

}  // namespace carillon::server
