// The groups that this process's sockets want, and the short names under which Redis knows them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "carillon/base/unique_function.h"

namespace carillon::layer {

// One group, from its first member on this process to its last.
struct GatewayGroup {
  std::string name;
  std::string local_name;  // "g1z": what follows process_channel(); never given twice
  size_t host = 0;         // the Redis that its membership or subscription is on
  bool is_joined = false;  // Redis has confirmed it on the connection that there is now
  std::vector<UniqueFunction<void()>> waiting;  // for is_joined, or for the news that it must wait
};

// On the node's loop. Groups keep their place in memory while they are here.
class GatewayGroups {
 public:
  // The new group, or null when it is here already.
  GatewayGroup* add(std::string_view name, size_t host);
  // Calls those that still wait for it.
  void remove(GatewayGroup& group);

  GatewayGroup* find(std::string_view name) const;
  GatewayGroup* find_local(std::string_view local_name) const;
  size_t count() const noexcept { return order_.size(); }
  // In no particular order; position in [0, count()).
  GatewayGroup& at(size_t position) const { return *order_[position]; }
  // The names of all groups of `host`, for work that goes on while groups come and go.
  std::vector<std::string> names_of(size_t host) const;

  // Calls `then` once: when Redis has confirmed the group, at once when it has already, when there
  // is no such group, or while its host is away (then the recovery will bring it).
  void when_joined(std::string_view name, bool is_host_away, UniqueFunction<void()> then);
  static void set_joined(GatewayGroup& group);
  // Redis would not have it: nobody waits any longer.
  static void set_refused(GatewayGroup& group);
  // No group of `host` is confirmed any more, and nobody waits for one.
  void set_away(size_t host);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Entry {
    GatewayGroup group;
    size_t position = 0;  // in order_
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  ByName<std::unique_ptr<Entry>> by_name_;
  ByName<Entry*> by_local_name_;
  std::vector<GatewayGroup*> order_;
  uint64_t next_id_ = 1;
};

}  // namespace carillon::layer
