// The channel layer of one process, with nothing outside it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "carillon/base/clock.h"
#include "carillon/layer/channel_layer.h"

namespace carillon::layer {

struct MemoryLayerOptions {
  size_t capacity = 100;        // events a channel holds before it is full
  uint64_t expiry_ms = 60'000;  // an event not received by then is dropped
  uint64_t group_expiry_ms = 86'400'000;
  size_t channel_count_max = 100'000;  // channels with unreceived events; more are "full"
};

// What channels.layers.InMemoryChannelLayer does, bounded. See ChannelLayer for threads.
class MemoryLayer final : public ChannelLayer {
 public:
  // `gateway` and `clock` are borrowed for life.
  MemoryLayer(const MemoryLayerOptions& options, Gateway& gateway, const Clock& clock);

  void send(std::string_view channel, EventPtr event, OnSent then) override;
  void receive(std::string_view channel, Receiver receiver) override;
  void group_add(std::string_view group, std::string_view channel) override;
  void group_discard(std::string_view group, std::string_view channel) override;
  void group_send(std::span<const Addressed> batch, OnSent then) override;
  // The gateway knows its own members; in one process nobody else has to be told.
  void gateway_add(std::string_view) override {}
  void gateway_discard(std::string_view) override {}
  std::string_view process_channel() const override { return process_channel_; }
  bool is_ready() const override { return true; }
  std::string trouble() const override { return {}; }
  void stop(UniqueFunction<void()> then) override { then(); }

  uint64_t expired_count() const noexcept { return expired_count_; }

 private:
  struct Waiting {
    EventPtr event;
    uint64_t expires_at_ms;
  };
  struct Channel {
    std::deque<Waiting> events;
    std::deque<Receiver> receivers;
  };
  // False when the channel is at its capacity.
  bool put(std::string_view channel, const EventPtr& event);
  void drop_expired(Channel& channel);
  void forget_expired_channels();
  void send_to_channels(const Addressed& addressed, SendResult& result);

  const MemoryLayerOptions options_;
  Gateway& gateway_;
  const Clock& clock_;
  const std::string process_channel_;
  std::unordered_map<std::string, Channel> channels_;
  // Group to its channels and when each membership ends.
  std::unordered_map<std::string, std::map<std::string, uint64_t, std::less<>>> groups_;
  uint64_t expired_count_ = 0;
  uint64_t next_sweep_ms_ = 0;
};

}  // namespace carillon::layer
