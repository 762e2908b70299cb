// The channel layer that channels_redis.pubsub.RedisPubSubChannelLayer speaks: nothing is kept in
// Redis, and whoever has subscribed gets what is published.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "carillon/layer/gateway_groups.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/layer/redis_layer_parts.h"
#include "carillon/redis/client.h"
#include "carillon/redis/subscriber.h"

namespace carillon::layer {

// See ChannelLayer for threads. A message names no sender, so the sockets of this process get what
// comes back from Redis, as everybody else does: one order for all.
class RedisPubSubLayer final : public ChannelLayer, public net::TimerHandler {
 public:
  // After a host has been away, the other nodes need as long to subscribe again.
  static constexpr uint64_t kSettleMs = 1'000;
  static constexpr uint64_t kStopMs = 3'000;
  static constexpr size_t kReceivedChannelsMax = 10'000;

  RedisPubSubLayer(const RedisLayerParts& parts, RedisLayerOptions options);
  ~RedisPubSubLayer() override;

  void send(std::string_view channel, EventPtr event, OnSent then) override;
  // Subscribes with the first call. Events that nobody waits for are kept up to the capacity, the
  // newest of them.
  void receive(std::string_view channel, Receiver receiver) override;
  // Only of channels that receive() has been called for: a foreign one cannot be added.
  void group_add(std::string_view group, std::string_view channel) override;
  void group_discard(std::string_view group, std::string_view channel) override;
  void group_send(std::span<const Addressed> batch, OnSent then) override;
  void gateway_add(std::string_view group) override;
  void gateway_discard(std::string_view group) override;
  bool joins_at_once() const override { return false; }
  void when_joined(std::string_view group, UniqueFunction<void()> then) override;
  std::string_view process_channel() const override { return process_channel_; }
  bool is_ready() const override;
  bool takes_sends() const override;
  std::string trouble() const override;
  void stop(UniqueFunction<void()> then) override;

  // A host has had its time to settle.
  void on_timer() override { report(); }

 private:
  struct Host {
    Host(const RedisLayerParts& parts,
         const redis::Location& location,
         redis::SubscriberEvents events);
    redis::Client publisher;
    redis::Subscriber subscriber;
    bool was_ready = false;
    bool is_ready = false;
    uint64_t settled_ms = 0;
  };
  struct Received {
    std::deque<EventPtr> events;
    std::deque<Receiver> receivers;
    std::vector<std::string> groups;
  };
  // One group_send until its answer.
  struct Flight {
    OnSent then;
    size_t waiting_count = 0;
    std::vector<bool> has_failed;
    std::string trouble;
  };

  std::unique_ptr<Host> make_host(size_t index, const RedisLayerParts& parts);
  bool is_settled(const Host& host) const;
  // It cannot be known soon whether what is asked of it holds.
  static bool is_away(const Host& host);
  void on_host_change(size_t index);
  void on_message(const redis::PublishedMessage& message);
  void on_group_event(std::string_view group, const EventPtr& event, size_t byte_count);
  void put(Received& received, const EventPtr& event) const;
  void publish(size_t host,
               const std::vector<std::pair<std::string, std::string>>& messages,
               redis::OnReply then);
  static void finish(Flight& flight, size_t host_count);
  size_t host_of(std::string_view redis_channel) const;
  void subscribe(std::string_view redis_channel);
  void unsubscribe_if_unused(std::string_view group);
  void report();

  net::EventLoop& loop_;
  Gateway& gateway_;
  const RedisLayerOptions options_;
  const std::string process_channel_;
  RedisLayerMetrics metrics_;
  RedisInbox inbox_;
  log::StateLog log_;
  ChannelsRedisSerializer serializer_;
  GatewayGroups groups_;
  std::map<std::string, Received, std::less<>> received_;  // by channel
  net::TimerId timer_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace carillon::layer
