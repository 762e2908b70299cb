// What the two Redis layers need to know: Django's CHANNEL_LAYERS, as values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/layer/capacity.h"
#include "carillon/layer/channels_redis_serializer.h"
#include "carillon/redis/location.h"

namespace carillon::layer {

struct RedisLayerOptions {
  std::vector<redis::Location> hosts;  // in the order that all processes share; never empty
  std::string prefix = "asgi";
  uint32_t expiry_s = 60;            // an event that nobody received by then is dropped
  uint32_t group_expiry_s = 86'400;  // a membership that is not renewed ends
  Capacities capacities{100, {}};    // events that wait in one channel
  SerializerOptions serializer;      // of the layer that is made with it
};

// Of the settings, which name at least one Redis. The error says which host is wrong, and how.
Result<RedisLayerOptions, Error> redis_layer_options(const config::LayerSettings& settings);

// Where one host of the settings is.
Result<redis::Location, Error> redis_location(const config::RedisHost& host);

}  // namespace carillon::layer
