// Django's CHANNEL_LAYERS in the file, as settings of ours. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/config/redis_host.h"
#include "carillon/config/toml_file.h"

namespace carillon::config {

struct ChannelLayerEntry {
  std::string_view key;  // of the schema
  RawValue value;
  std::string name;  // for errors: "channel_layers.default.CONFIG.prefix"
  uint32_t line = 0;
};

struct ChannelLayerProblem {
  std::string what;  // which key, what is wrong, what to give; never a secret
  uint32_t line = 0;
};

struct ChannelLayers {
  std::vector<ChannelLayerEntry> entries;
  std::vector<RedisHost> hosts;
  uint32_t hosts_line = 0;
  std::vector<ChannelLayerProblem> problems;
};

// `table` is {default: {BACKEND, CONFIG}}, with what the layers of channels_redis and the one of
// Channels take; hosts in each form that channels_redis has for them.
ChannelLayers read_channel_layers(const FileValue& table);

// Whether that says what this key of the schema does.
bool is_channel_layer_key(std::string_view key);

}  // namespace carillon::config
