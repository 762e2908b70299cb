// A channel layer whose answers a test gives, when it likes: stands for one behind a network.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "carillon/layer/channel_layer.h"

namespace carillon::layer {

// Delivers nothing by itself.
class HeldLayer final : public ChannelLayer {
 public:
  struct Call {
    std::string channel;               // of send()
    std::span<const Addressed> batch;  // of group_send()
    EventPtr event;
    OnSent then;

    void answer(SendResult result) { std::exchange(then, {})(std::move(result)); }
    void answer(SendOutcome outcome) { answer(SendResult{.outcome = outcome}); }
  };

  void send(std::string_view channel, EventPtr event, OnSent then) override {
    calls.push_back({std::string(channel), {}, std::move(event), std::move(then)});
  }
  void receive(std::string_view, Receiver) override {}
  void group_add(std::string_view, std::string_view) override {}
  void group_discard(std::string_view, std::string_view) override {}
  void group_send(std::span<const Addressed> batch, OnSent then) override {
    calls.push_back({{}, batch, nullptr, std::move(then)});
  }
  void gateway_add(std::string_view) override {}
  void gateway_discard(std::string_view) override {}
  std::string_view process_channel() const override { return "gw.test!"; }
  bool is_ready() const override { return present_trouble.empty(); }
  std::string trouble() const override { return present_trouble; }
  void stop(UniqueFunction<void()> then) override {
    stopped = std::move(then);
    if (on_stop) on_stop();
  }

  // The oldest call that has not been taken.
  Call take() {
    Call call = std::move(calls.front());
    calls.pop_front();
    return call;
  }

  std::deque<Call> calls;
  std::string present_trouble;
  UniqueFunction<void()> on_stop;
  UniqueFunction<void()> stopped;  // what stop() was given
};

}  // namespace carillon::layer
