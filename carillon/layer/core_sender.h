// Events on their way into Redis: who is in the group, then one write for each host.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/layer/channel_layer.h"
#include "carillon/layer/channels_redis_order.h"
#include "carillon/layer/core_membership.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/net/event_loop.h"
#include "carillon/redis/client.h"

namespace carillon::layer {

// On the node's loop. Sends are written in the order in which they were asked for, and the sockets
// of this process get them in that order, too, each after Redis has taken it: one order for all.
class CoreSender {
 public:
  static constexpr size_t kInFlightMax = 8'192;

  // `hosts` are the writers, in the order of the settings. All is borrowed for life.
  CoreSender(net::EventLoop& loop,
             const RedisLayerOptions& options,
             const CoreMembership& membership,
             std::vector<redis::Client*> hosts,
             Gateway& gateway);

  // As ChannelLayer has them.
  void send(std::string_view channel, const EventPtr& event, ChannelLayer::OnSent then);
  void group_send(std::span<const Addressed> batch, ChannelLayer::OnSent then);

 private:
  // One group_send until its answer.
  struct Flight {
    std::span<const Addressed> batch;
    ChannelLayer::OnSent then;
    std::map<std::string, std::vector<std::string>, std::less<>> channels;  // by group
    size_t waiting_count = 0;  // answers of Redis that are due
    bool is_written = false;
    std::vector<bool> has_failed;  // by event
    // Connections of ours that are in a group by their own channel: event and channel.
    std::vector<std::pair<size_t, std::string>> own_channels;
    std::string trouble;
    size_t over_capacity_count = 0;
  };
  using FlightPtr = std::shared_ptr<Flight>;
  // What one host gets of one flight.
  struct Write {
    std::vector<std::string> keys;
    std::vector<std::string> values;  // member, capacity and score of each key
    std::vector<size_t> events;       // whose they are
  };

  void list(const FlightPtr& flight, const std::string& group);
  // Redis has answered for `group`, or there is `trouble`.
  void on_listed(Flight& flight, std::string_view group, std::string trouble);
  // Writes what is next, and answers what is done, in order.
  void advance();
  void write(const FlightPtr& flight);
  void add_writes(Flight& flight, size_t event_index, std::vector<Write>& writes);
  void write_to(size_t host, const Write& write, redis::OnReply then);
  void finish(Flight& flight);

  net::EventLoop& loop_;
  const RedisLayerOptions& options_;
  const CoreMembership& membership_;
  const std::vector<redis::Client*> hosts_;
  Gateway& gateway_;
  ChannelsRedisSerializer serializer_;
  std::deque<FlightPtr> flights_;
  size_t written_count_ = 0;  // at the front of flights_: those whose writes are under way
  size_t next_host_ = 0;      // for channels of no process
  Scores scores_;
};

}  // namespace carillon::layer
