// State events in Redis: whoever starts later knows the newest leaderboard at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "carillon/crypto/seal.h"
#include "carillon/layer/redis_layer_parts.h"
#include "carillon/layer/state_cache.h"
#include "carillon/redis/client.h"

namespace carillon::layer {

// A hash for each group, `carillon:state:` + the layer's prefix + `:` + the group: JSON by type,
// sealed where the layer has keys, for kExpiryS after the last change. On the node's loop.
class RedisStateCache final : public StateCache {
 public:
  static constexpr uint32_t kExpiryS = 604'800;

  // `keys`: see crypto::Seal.
  RedisStateCache(const RedisLayerParts& parts,
                  redis::Location location,
                  std::string prefix,
                  const std::vector<Secret>& keys);

  void keep(std::string_view group, const EventPtr& event) override;
  void recall(std::string group, OnRecalled then) override;

 private:
  std::string key_of(std::string_view group) const;
  static std::string name_of(std::string_view key, std::string_view type);
  std::vector<EventPtr> events_of(std::string_view key, const resp::Reply& reply) const;
  void on_change();

  const net::EventLoop& loop_;
  const std::string prefix_;
  const crypto::Seal seal_;
  std::vector<std::pair<std::string, OnRecalled>> waiting_;  // for the first connection
  redis::Client client_;
};

}  // namespace carillon::layer
