// The channel layer that channels_redis.core.RedisChannelLayer speaks, for a process with many
// sockets: sorted sets in Redis, one channel for each group that the process wants.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "carillon/layer/core_membership.h"
#include "carillon/layer/core_reader.h"
#include "carillon/layer/core_receiver.h"
#include "carillon/layer/core_sender.h"
#include "carillon/layer/redis_layer_parts.h"

namespace carillon::layer {

// See ChannelLayer for threads. Begins to connect when it is made; until Redis answers, groups are
// kept and sends are refused.
class RedisCoreLayer final : public ChannelLayer {
 public:
  static constexpr uint64_t kStopMs = 3'000;

  RedisCoreLayer(const RedisLayerParts& parts, RedisLayerOptions options);
  ~RedisCoreLayer() override;

  void send(std::string_view channel, EventPtr event, OnSent then) override;
  void receive(std::string_view channel, Receiver receiver) override;
  void group_add(std::string_view group, std::string_view channel) override;
  void group_discard(std::string_view group, std::string_view channel) override;
  void group_send(std::span<const Addressed> batch, OnSent then) override;
  void gateway_add(std::string_view group) override { membership_.add(group); }
  void gateway_discard(std::string_view group) override { membership_.discard(group); }
  bool joins_at_once() const override { return false; }
  void when_joined(std::string_view group, UniqueFunction<void()> then) override {
    membership_.when_joined(group, std::move(then));
  }
  std::string_view process_channel() const override { return process_channel_; }
  bool is_ready() const override;
  bool takes_sends() const override;
  std::string trouble() const override;
  void stop(UniqueFunction<void()> then) override;

 private:
  // One Redis: what is written there, and what comes from there.
  struct Host {
    Host(const RedisLayerParts& parts,
         const RedisLayerOptions& options,
         const redis::Location& location,
         std::string key,
         CoreReader::OnMessage on_message);
    redis::Client writer;
    redis::Client reader_client;
    CoreReader reader;
  };
  using Hosts = std::vector<std::unique_ptr<Host>>;

  Hosts make_hosts(const RedisLayerParts& parts);
  std::vector<redis::Client*> writers() const;
  redis::Client& writer_of(std::string_view group) const;
  static bool is_reading(const Host& host);
  void on_message(std::string_view message);
  // Once a second, and with each change of a host.
  void on_change();
  // Metrics, and a line in the log when something has changed.
  void report();
  // Nothing has gone wrong yet.
  bool is_starting() const;

  net::EventLoop& loop_;
  Gateway& gateway_;
  const RedisLayerOptions options_;
  const std::string process_channel_;
  RedisLayerMetrics metrics_;
  RedisInbox inbox_;
  log::StateLog log_;
  const ChannelsRedisSerializer serializer_;
  Hosts hosts_;
  CoreMembership membership_;
  CoreSender sender_;
  CoreReceiver receiver_;
  bool was_ready_ = false;
};

}  // namespace carillon::layer
