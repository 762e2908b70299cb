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

  // All is borrowed for life.
  CoreReceiver(const RedisLayerParts& parts, const RedisLayerOptions& options, RedisInbox& inbox);

  // See ChannelLayer::receive. Past kWaitingMax the receiver is forgotten without a call.
  void receive(std::string_view channel, ChannelLayer::Receiver receiver);
  void stop();

 private:
  struct Host {
    explicit Host(const RedisLayerParts& parts, const redis::Location& location);
    redis::Client client;
    bool is_reading = false;
  };
  void connect();
  void read(size_t host);
  void on_answer(size_t host, const redis::CommandResult& result);
  void hand_over(std::string_view key, std::string_view message, const std::string& score);

  const RedisLayerParts parts_;
  const RedisLayerOptions& options_;
  RedisInbox& inbox_;
  ChannelsRedisSerializer serializer_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::map<std::string, std::deque<ChannelLayer::Receiver>, std::less<>> waiting_;  // by key
  size_t waiting_count_ = 0;
};

}  // namespace carillon::layer
