#include "carillon/config/channel_layers.h"

#include <fmt/core.h>

#include <algorithm>

#include "carillon/config/nearest.h"
#include "carillon/config/redis_host_table.h"

namespace carillon::config {
namespace {

using Kind = FileValue::Kind;

struct Backend {
  std::string_view path;
  std::string_view name;  // layer_backend; empty: in memory
};
constexpr Backend kBackends[] = {
    {"channels_redis.core.RedisChannelLayer", "core"},
    {"channels_redis.pubsub.RedisPubSubChannelLayer", "pubsub"},
    {"channels.layers.InMemoryChannelLayer", ""},
};

struct ConfigKey {
  std::string_view name;
  std::string_view key;  // of the schema
};
constexpr ConfigKey kConfigKeys[] = {
    {"hosts", "layer_hosts"},
    {"prefix", "layer_prefix"},
    {"expiry", "channel_expiry"},
    {"group_expiry", "group_expiry"},
    {"capacity", "channel_capacity"},
    {"channel_capacity", "layer_channel_capacities"},
    {"symmetric_encryption_keys", "layer_keys"},
    {"serializer_format", "layer_serializer"},
    {"random_prefix_length", "layer_random_prefix_length"},
};

std::string guess_among(std::string_view name, const std::vector<std::string>& known) {
  const std::string guess = nearest(name, known);
  if (!guess.empty()) return fmt::format("did you mean {}?", guess);
  std::string all;
  for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
  return "known are " + all;
}

class Reading {
 public:
  ChannelLayers read(const FileValue& table) {
    name_ = table.key;
    for (const FileValue& alias : table.items) {
      if (alias.key == "default") continue;
      fail(fmt::format("{}.{}", name_, alias.key), alias,
           "only the layer default is served; remove the others");
    }
    const FileValue* layer = table.find("default");
    if (layer == nullptr || layer->kind != Kind::kTable) {
      fail(name_, table, "has no table default; give [channel_layers.default]");
      return std::move(layers_);
    }
    name_ += ".default";
    read_layer(*layer);
    return std::move(layers_);
  }

 private:
  void fail(std::string_view name, const FileValue& value, std::string_view what) {
    layers_.problems.push_back({fmt::format("{}: {}", name, what), value.line});
  }
  void add(std::string_view key, std::string_view name, const FileValue& value, RawValue raw) {
    layers_.entries.push_back({key, std::move(raw), std::string(name), value.line});
  }

  void read_layer(const FileValue& layer) {
    for (const FileValue& entry : layer.items) {
      const std::string name = fmt::format("{}.{}", name_, entry.key);
      if (entry.key == "CONFIG" && entry.kind == Kind::kTable) {
        for (const FileValue& option : entry.items) read_option(name + '.' + option.key, option);
      } else if (entry.key != "BACKEND" && entry.key != "TEST_CONFIG") {
        fail(name, entry,
             "unknown key; " + guess_among(entry.key, {"BACKEND", "CONFIG", "TEST_CONFIG"}));
      }
    }
    read_backend(layer);
  }

  // Without hosts a Redis is the one at channels_redis's own default.
  void read_backend(const FileValue& layer) {
    const std::string name = name_ + ".BACKEND";
    const FileValue* path = layer.find("BACKEND");
    if (path == nullptr || path->kind != Kind::kText) {
      return fail(name, layer, fmt::format("is not given; give {}", kBackends[0].path));
    }
    const auto backend = std::ranges::find(kBackends, path->text, &Backend::path);
    if (backend == std::end(kBackends)) {
      std::vector<std::string> known;
      for (const Backend& each : kBackends) known.emplace_back(each.path);
      return fail(name, *path, "unknown backend; " + guess_among(path->text, known));
    }
    if (backend->name.empty()) {
      layers_.hosts.clear();
      return add("layer", name, *path, {.text = "memory"});
    }
    add("layer_backend", name, *path, {.text = std::string(backend->name)});
    if (layers_.hosts.empty()) add("layer", name, *path, {.text = "redis://localhost:6379"});
  }

  void read_option(const std::string& name, const FileValue& option) {
    const auto known = std::ranges::find(kConfigKeys, option.key, &ConfigKey::name);
    if (known == std::end(kConfigKeys)) {
      std::vector<std::string> names;
      for (const ConfigKey& each : kConfigKeys) names.emplace_back(each.name);
      return fail(name, option, "unknown key; " + guess_among(option.key, names));
    }
    if (option.key == "hosts") return read_hosts(name, option);
    if (option.key == "channel_capacity") return read_capacities(name, option);
    RawValue raw{.text = option.text, .is_list = option.kind == Kind::kList};
    bool is_plain = option.kind != Kind::kTable;
    for (const FileValue& item : option.items) {
      raw.items.push_back(item.text);
      is_plain = is_plain && item.kind == Kind::kText;
    }
    if (!is_plain) return fail(name, option, "takes a plain value or a list of them");
    if (option.key == "symmetric_encryption_keys" && !raw.is_list) {
      return fail(name, option, "takes a list, as Django has it; put [ ] around it");
    }
    add(known->key, name, option, std::move(raw));
  }

  void read_capacities(const std::string& name, const FileValue& option) {
    if (option.kind != Kind::kTable) {
      return fail(name, option, "takes a table such as { \"gw.*\" = 10000 }");
    }
    RawValue raw{.is_list = true};
    for (const FileValue& rule : option.items) {
      raw.items.push_back(fmt::format("{}={}", rule.key, rule.text));
    }
    add("layer_channel_capacities", name, option, std::move(raw));
  }

  void read_hosts(const std::string& name, const FileValue& option) {
    if (option.kind != Kind::kList) {
      return fail(name, option, "takes a list, as Django has it; put [ ] around it");
    }
    layers_.hosts_line = option.line;
    for (const FileValue& item : option.items) {
      auto host = read_redis_host(item);
      if (host) {
        layers_.hosts.push_back(*std::move(host));
      } else {
        fail(name, item, host.error());
      }
    }
  }

  std::string name_;
  ChannelLayers layers_;
};

}  // namespace

ChannelLayers read_channel_layers(const FileValue& table) {
  return Reading().read(table);
}

bool is_channel_layer_key(std::string_view key) {
  constexpr std::string_view kOthers[] = {"layer",
                                          "layer_backend",
                                          "layer_sentinels",
                                          "layer_sentinel_master",
                                          "layer_sentinel_user",
                                          "layer_sentinel_password"};
  return std::ranges::find(kOthers, key) != std::end(kOthers) ||
         std::ranges::find(kConfigKeys, key, &ConfigKey::key) != std::end(kConfigKeys);
}

}  // namespace carillon::config
