#include "carillon/layer/core_receiver.h"

#include <cstdlib>
#include <utility>

#include "carillon/layer/channels_redis_names.h"

namespace carillon::layer {

CoreReceiver::Host::Host(const RedisLayerParts& parts, const redis::Location& location)
    : client(parts.loop, parts.resolver, location, {.write_probe_key = {}}) {}

CoreReceiver::CoreReceiver(const RedisLayerParts& parts,
                           const RedisLayerOptions& options,
                           RedisInbox& inbox)
    : parts_(parts), options_(options), inbox_(inbox), serializer_(options.serializer) {}

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
  waiting_[core_channel_key(options_.prefix, channel)].push_back(std::move(receiver));
  if (hosts_.empty()) return connect();
  for (size_t i = 0; i < hosts_.size(); ++i) read(i);
}

void CoreReceiver::read(size_t index) {
  Host& host = *hosts_[index];
  if (host.is_reading || waiting_.empty() || !host.client.is_connected()) return;
  host.is_reading = true;
  const std::string block = std::to_string(kBlockS);
  std::vector<std::string_view> args = {"BZPOPMIN"};
  for (const auto& [key, receivers] : waiting_) args.push_back(key);
  args.push_back(block);
  host.client.command(
      args, [this, index](const redis::CommandResult& result) { on_answer(index, result); },
      kBlockS * 1000);
}

void CoreReceiver::on_answer(size_t host, const redis::CommandResult& result) {
  hosts_[host]->is_reading = false;
  if (result && result->elements.size() == 3) {
    hand_over(result->elements[0].text, result->elements[1].text, result->elements[2].text);
  }
  // A refusal (NOPERM) comes at once: the next receive() or a new connection tries again.
  if (result) read(host);
}

void CoreReceiver::hand_over(std::string_view key,
                             std::string_view message,
                             const std::string& score) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return inbox_.count_unaddressed();  // two hosts had one each
  // Redis keeps a message for up to twice its time: only senders look for what has expired.
  const double sent_s = std::strtod(score.c_str(), nullptr);
  if (sent_s + options_.expiry_s <= static_cast<double>(parts_.loop.clock().wall_s())) {
    return inbox_.count_expired();
  }
  auto decoded = serializer_.decode(message, parts_.loop.clock().wall_s());
  EventPtr event = inbox_.event_of(decoded);
  if (event == nullptr) return;
  ChannelLayer::Receiver receiver = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) waiting_.erase(found);
  --waiting_count_;
  receiver(std::move(event));
}

void CoreReceiver::stop() {
  waiting_.clear();
  hosts_.clear();
}

}  // namespace carillon::layer
