#include "carillon/layer/core_receiver.h"

#include <cstdlib>
#include <utility>

#include "carillon/layer/channels_redis_names.h"

namespace carillon::layer {

CoreReceiver::Host::Host(const RedisLayerParts& parts, const redis::Location& location)
    : client(parts.loop, parts.resolver, location, {.write_probe_key = {}}) {}

CoreReceiver::CoreReceiver(const RedisLayerParts& parts,
                           const RedisLayerOptions& options,
                           std::vector<redis::Client*> writers,
                           RedisInbox& inbox)
    : parts_(parts),
      options_(options),
      inbox_(inbox),
      serializer_(options.serializer),
      writers_(std::move(writers)) {}

void CoreReceiver::connect() {
  for (const redis::Location& location : options_.hosts) {
    hosts_.push_back(std::make_unique<Host>(parts_, location));
    const size_t host = hosts_.size() - 1;
    hosts_.back()->client.set_on_change([this, host] { read(host); });
    hosts_.back()->client.start();
  }
}

void CoreReceiver::receive(std::string_view channel, ChannelLayer::Receiver receiver) {
  if (waiting_count_ >= kWaitingMax) return;
  ++waiting_count_;
  const std::string key = core_channel_key(options_.prefix, channel);
  const auto found = channels_.find(key);
  if (found == channels_.end()) return look(key, 0, std::move(receiver));
  wait(key, std::move(receiver));
  if (found->second.events.empty()) return;
  EventPtr event = std::move(found->second.events.front());
  found->second.events.pop_front();
  hand_over(key, std::move(event));
}

void CoreReceiver::look(const std::string& key, size_t host, ChannelLayer::Receiver receiver) {
  if (host == writers_.size()) return wait(key, std::move(receiver));
  writers_[host]->command({"ZPOPMIN", key}, [this, key, host, receiver = std::move(receiver)](
                                                const redis::CommandResult& result) mutable {
    if (!result || result->elements.size() != 2) {
      return look(key, host + 1, std::move(receiver));
    }
    EventPtr event = event_of(result->elements[0].text, result->elements[1].text);
    if (event == nullptr) return look(key, host, std::move(receiver));
    --waiting_count_;
    receiver(std::move(event));
  });
}

void CoreReceiver::wait(const std::string& key, ChannelLayer::Receiver receiver) {
  channels_[key].receivers.push_back(std::move(receiver));
  if (hosts_.empty()) return connect();
  for (size_t i = 0; i < hosts_.size(); ++i) read(i);
}

void CoreReceiver::read(size_t index) {
  Host& host = *hosts_[index];
  if (host.is_reading || !host.client.is_connected()) return;
  const std::string block = std::to_string(kBlockS);
  std::vector<std::string_view> args = {"BZPOPMIN"};
  for (const auto& [key, channel] : channels_) {
    if (!channel.receivers.empty()) args.push_back(key);
  }
  if (args.size() == 1) return;
  args.push_back(block);
  host.is_reading = true;
  host.client.command(
      args, [this, index](const redis::CommandResult& result) { on_answer(index, result); },
      kBlockS * 1000);
}

void CoreReceiver::on_answer(size_t host, const redis::CommandResult& result) {
  hosts_[host]->is_reading = false;
  if (result && result->elements.size() == 3) {
    EventPtr event = event_of(result->elements[1].text, result->elements[2].text);
    if (event != nullptr) hand_over(result->elements[0].text, std::move(event));
  }
  // A refusal (NOPERM) comes at once: the next receive() or a new connection tries again.
  if (result) read(host);
}

EventPtr CoreReceiver::event_of(std::string_view message, const std::string& score) {
  // Redis keeps a message for up to twice its time: only senders look for what has expired.
  const double sent_s = std::strtod(score.c_str(), nullptr);
  if (sent_s + options_.expiry_s <= static_cast<double>(parts_.loop.clock().wall_s())) {
    inbox_.count_expired();
    return nullptr;
  }
  auto decoded = serializer_.decode(message, parts_.loop.clock().wall_s());
  return inbox_.event_of(decoded);
}

void CoreReceiver::hand_over(std::string_view key, EventPtr event) {
  Channel& channel = channels_[std::string(key)];
  if (channel.receivers.empty()) {
    channel.events.push_back(std::move(event));
    return;
  }
  ChannelLayer::Receiver receiver = std::move(channel.receivers.front());
  channel.receivers.pop_front();
  --waiting_count_;
  if (channel.receivers.empty() && channel.events.empty()) channels_.erase(std::string(key));
  receiver(std::move(event));
}

void CoreReceiver::stop() {
  channels_.clear();
  hosts_.clear();
}

}  // namespace carillon::layer
