#include "carillon/layer/memory_layer.h"

#include <utility>

#include "carillon/layer/name.h"

namespace carillon::layer {
namespace {

// A walk over every channel is too much for each event that finds no room.
constexpr uint64_t kSweepIntervalMs = 1'000;

}  // namespace

MemoryLayer::MemoryLayer(const MemoryLayerOptions& options, Gateway& gateway, const Clock& clock)
    : options_(options),
      gateway_(gateway),
      clock_(clock),
      process_channel_(make_process_channel()) {}

void MemoryLayer::drop_expired(Channel& channel) {
  const uint64_t now_ms = clock_.monotonic_ms();
  while (!channel.events.empty() && channel.events.front().expires_at_ms <= now_ms) {
    channel.events.pop_front();
    ++expired_count_;
  }
}

void MemoryLayer::forget_expired_channels() {
  const uint64_t now_ms = clock_.monotonic_ms();
  if (now_ms < next_sweep_ms_) return;
  next_sweep_ms_ = now_ms + kSweepIntervalMs;
  for (auto& [name, channel] : channels_) drop_expired(channel);
  std::erase_if(channels_, [](const auto& entry) {
    return entry.second.events.empty() && entry.second.receivers.empty();
  });
}

bool MemoryLayer::put(std::string_view name, const EventPtr& event) {
  auto found = channels_.find(std::string(name));
  if (found == channels_.end()) {
    if (channels_.size() >= options_.channel_count_max) forget_expired_channels();
    if (channels_.size() >= options_.channel_count_max) return false;
    found = channels_.emplace(name, Channel{}).first;
  }
  Channel& channel = found->second;
  if (!channel.receivers.empty()) {
    Receiver receiver = std::move(channel.receivers.front());
    channel.receivers.pop_front();
    if (channel.receivers.empty()) channels_.erase(found);
    receiver(event);
    return true;
  }
  drop_expired(channel);
  if (channel.events.size() >= options_.capacity) return false;
  channel.events.push_back({event, clock_.monotonic_ms() + options_.expiry_ms});
  return true;
}

void MemoryLayer::send(std::string_view channel, EventPtr event, OnSent then) {
  if (channel.starts_with(process_channel_)) {
    gateway_.deliver_direct(channel.substr(process_channel_.size()), std::move(event));
    return then({});
  }
  const bool was_put = put(channel, event);
  then({.outcome = was_put ? SendOutcome::kAccepted : SendOutcome::kChannelFull});
}

void MemoryLayer::receive(std::string_view name, Receiver receiver) {
  Channel& channel = channels_[std::string(name)];
  drop_expired(channel);
  if (channel.events.empty()) {
    channel.receivers.push_back(std::move(receiver));
    return;
  }
  EventPtr event = std::move(channel.events.front().event);
  channel.events.pop_front();
  if (channel.events.empty()) channels_.erase(std::string(name));
  receiver(std::move(event));
}

void MemoryLayer::group_add(std::string_view group, std::string_view channel) {
  groups_[std::string(group)][std::string(channel)] =
      clock_.monotonic_ms() + options_.group_expiry_ms;
}

void MemoryLayer::group_discard(std::string_view group, std::string_view channel) {
  const auto found = groups_.find(std::string(group));
  if (found == groups_.end()) return;
  const auto member = found->second.find(channel);
  if (member != found->second.end()) found->second.erase(member);
  if (found->second.empty()) groups_.erase(found);
}

void MemoryLayer::send_to_channels(const Addressed& addressed, SendResult& result) {
  const auto found = groups_.find(addressed.group);
  if (found == groups_.end()) return;
  const uint64_t now_ms = clock_.monotonic_ms();
  // A receiver may join or leave groups: walk a copy of the names, as Channels does.
  std::vector<std::string> names;
  std::erase_if(found->second, [&](const auto& member) { return member.second <= now_ms; });
  for (const auto& [name, expires_at_ms] : found->second) names.push_back(name);
  if (found->second.empty()) groups_.erase(found);
  for (const std::string& name : names) {
    if (!put(name, addressed.event)) ++result.over_capacity_count;
  }
}

void MemoryLayer::group_send(std::span<const Addressed> batch, OnSent then) {
  if (!gateway_.has_room(batch)) return then({.outcome = SendOutcome::kNoRoom});
  SendResult result;
  for (const Addressed& addressed : batch) {
    send_to_channels(addressed, result);
    gateway_.deliver(addressed);
  }
  then(result);
}

}  // namespace carillon::layer
