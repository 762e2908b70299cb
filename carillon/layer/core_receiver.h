// Named channels that no process owns, read on behalf of this one: what Channels' runworker does.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/layer/channel_layer.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/layer/redis_layer_parts.h"
#include "carillon/redis/client.h"

namespace carillon::layer {

// On the node's loop. Connects with the first receive(): most processes never do. Readers of one
// channel compete, and each host has its own messages of it, as channels_redis has it.
class CoreReceiver {
 public:
  static constexpr uint64_t kBlockS = 1;
  static constexpr size_t kWaitingMax = 10'000;

  // `writers` are one for each host, in the order of the settings. All is borrowed for life.
  CoreReceiver(const RedisLayerParts& parts,
               const RedisLayerOptions& options,
               std::vector<redis::Client*> writers,
               RedisInbox& inbox);

  // See ChannelLayer::receive. Past kWaitingMax the receiver is forgotten without a call.
  void receive(std::string_view channel, ChannelLayer::Receiver receiver);
  void stop();

 private:
  struct Host {
    explicit Host(const RedisLayerParts& parts, const redis::Location& location);
    redis::Client client;
    bool is_reading = false;
  };
  struct Channel {
    std::deque<ChannelLayer::Receiver> receivers;
    std::deque<EventPtr> events;  // that came from two hosts at once
  };
  using Channels = std::map<std::string, Channel, std::less<>>;

  void connect();
  // Takes what is there already, host by host; then waits with the others.
  void look(const std::string& key, size_t host, ChannelLayer::Receiver receiver);
  void wait(const std::string& key, ChannelLayer::Receiver receiver);
  void read(size_t host);
  void on_answer(size_t host, const redis::CommandResult& result);
  // Null when there is no event to hand over.
  EventPtr event_of(std::string_view message, const std::string& score);
  void hand_over(std::string_view key, EventPtr event);

  const RedisLayerParts parts_;
  const RedisLayerOptions& options_;
  RedisInbox& inbox_;
  ChannelsRedisSerializer serializer_;
  const std::vector<redis::Client*> writers_;
  std::vector<std::unique_ptr<Host>> hosts_;
  Channels channels_;  // by key; each with a receiver or an event
  size_t waiting_count_ = 0;
};

}  // namespace carillon::layer
