// This process's place in the groups that Redis keeps: one channel for each group that its sockets
// want, renewed while they do, and taken out when they do not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/layer/gateway_groups.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/net/event_loop.h"
#include "carillon/redis/client.h"

namespace carillon::layer {

// The node's own group: each gateway is in it while it lives, on every host. Its renewal tells
// whether the host takes writes and whether it has been emptied behind our back.
inline constexpr std::string_view kNodesGroup = "carillon.nodes";

// On the node's loop.
class CoreMembership final : public net::TimerHandler {
 public:
  static constexpr uint64_t kHeartbeatMs = 1'000;
  // After a host came back empty, the other gateways need as long to register again; what was
  // published before would miss them.
  static constexpr uint64_t kSettleMs = 1'000;
  // Beyond what clocks of machines are apart, for each node takes out what has expired by its own.
  static constexpr int64_t kNodeExpiryS = 600;
  // Memberships that are (re)made at once; the next ones follow the answer.
  static constexpr size_t kSliceCount = 500;
  static constexpr size_t kUnremovedMax = 10'000;

  // `hosts` are the writers, in the order of the settings. All is borrowed for life.
  // `on_change`: is_held() of some host has changed.
  CoreMembership(net::EventLoop& loop,
                 const RedisLayerOptions& options,
                 std::string_view process_channel,
                 const std::vector<redis::Client*>& hosts,
                 UniqueFunction<void()> on_change);
  ~CoreMembership();
  void start();

  void add(std::string_view group);
  void discard(std::string_view group);
  // See GatewayGroups::when_joined.
  void when_joined(std::string_view group, UniqueFunction<void()> then);
  // The group of a local name of ours; empty when there is none (any more).
  std::string_view group_of(std::string_view local_name) const;

  // A writer's readiness may have changed.
  void on_host_change(size_t host);
  // All that this process wants of `host` is registered there, and so is what others want, as far
  // as waiting can make sure.
  bool is_held(size_t host) const;
  // One line: why it is not.
  std::string trouble(size_t host) const;
  // What Redis says instead of registering this process there, though it is ready; empty otherwise.
  const std::string& refusal(size_t host) const { return hosts_[host].refusal; }

  // Takes every membership out, best effort; the answers are the clients' to wait for.
  void leave();

  std::string_view process_channel() const noexcept { return process_channel_; }
  size_t group_count() const noexcept { return groups_.count(); }
  uint64_t flush_count() const noexcept { return flush_count_; }

  void on_timer() override;

 private:
  enum class State : uint8_t { kAway, kRestoring, kHeld };
  struct Host {
    redis::Client* client;
    State state = State::kAway;
    bool was_held = false;
    uint64_t settled_ms = 0;
    std::string refusal{};
    uint64_t restore_number = 0;  // tells the answers of an older restoration
    std::vector<std::string> to_restore{};
    std::vector<std::string> to_retry{};    // what Redis would not have, for the next heartbeat
    std::vector<GatewayGroup> unremoved{};  // whose ZREM was not answered
  };

  // It cannot be known soon whether what is asked of it holds.
  static bool is_away(const Host& host);
  void join(GatewayGroup& group, redis::OnReply then);
  void on_joined(std::string_view local_name, const redis::CommandResult& result);
  void remove(const GatewayGroup& group);
  void keep_unremoved(size_t host, const std::string& name, const std::string& local_name);
  void remove_unremoved(size_t host);
  void beat(size_t host);
  void on_beat(size_t host, const redis::CommandResult& result);
  void set_refused(size_t host, const redis::CommandError& error);
  void restore(size_t host);
  void restore_slice(size_t host);
  void on_restored(size_t host);
  void renew_slice();
  std::string channel_of(const GatewayGroup& group) const;
  std::string now_text() const;

  net::EventLoop& loop_;
  const RedisLayerOptions& options_;
  const std::string process_channel_;
  const std::string expiry_text_;
  std::vector<Host> hosts_;
  GatewayGroups groups_;
  UniqueFunction<void()> on_change_;
  net::TimerId timer_;
  size_t renew_position_ = 0;
  uint64_t flush_count_ = 0;
};

}  // namespace carillon::layer
