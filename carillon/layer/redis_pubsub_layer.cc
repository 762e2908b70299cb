#include "carillon/layer/redis_pubsub_layer.h"

#include <algorithm>
#include <utility>

#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/name.h"

namespace carillon::layer {
namespace {

constexpr uint64_t kCommandTimeoutMs = 3'000;
constexpr uint64_t kRetryMsMax = 500;  // below kSettleMs

std::string text_of(const redis::CommandError& error) {
  if (error.kind == redis::CommandError::Kind::kLost) {
    return error.text + "; the event may have reached its receivers";
  }
  return error.text;
}

// Of a fresh layer one connection may be refused before another has been tried: who knows why is
// asked first.
bool knows_why(const auto& connection) {
  return !connection.is_ready() && connection.cause() != redis::Cause::kNotConnected;
}

}  // namespace

RedisPubSubLayer::Host::Host(const RedisLayerParts& parts,
                             const redis::Location& location,
                             redis::SubscriberEvents events)
    : publisher(parts.loop,
                parts.resolver,
                location,
                {.command_timeout_ms = kCommandTimeoutMs,
                 .retry_ms_max = kRetryMsMax,
                 .write_probe_key = {}}),
      subscriber(parts.loop,
                 parts.resolver,
                 location,
                 std::move(events),
                 {.ping_timeout_ms = kCommandTimeoutMs, .retry_ms_max = kRetryMsMax}) {}

RedisPubSubLayer::RedisPubSubLayer(const RedisLayerParts& parts, RedisLayerOptions options)
    : loop_(parts.loop),
      gateway_(parts.gateway),
      options_(std::move(options)),
      process_channel_(make_process_channel()),
      metrics_(parts.registry),
      inbox_(parts, metrics_),
      log_(parts.logger),
      serializer_(options_.serializer),
      timer_(parts.loop.timers().add(*this)) {
  for (size_t i = 0; i < options_.hosts.size(); ++i) hosts_.push_back(make_host(i, parts));
  for (const auto& host : hosts_) {
    // What others send to one of our connections; a sender may pick any host for it.
    (void)host->subscriber.psubscribe(process_channel_ + "*");  // the first: there is room
    host->publisher.start();
    host->subscriber.start();
  }
}

RedisPubSubLayer::~RedisPubSubLayer() {
  // First of all, so that no answer comes to what is gone.
  hosts_.clear();
  loop_.timers().remove(timer_);
}

std::unique_ptr<RedisPubSubLayer::Host> RedisPubSubLayer::make_host(size_t index,
                                                                    const RedisLayerParts& parts) {
  redis::SubscriberEvents events;
  events.on_message = [this](const redis::PublishedMessage& message) { on_message(message); };
  events.on_subscribed = [this](std::string_view channel) {
    GatewayGroup* group = groups_.find(pubsub_group_of(options_.prefix, channel));
    if (group != nullptr) GatewayGroups::set_joined(*group);
  };
  events.on_change = [this, index] { on_host_change(index); };
  auto host = std::make_unique<Host>(parts, options_.hosts[index], std::move(events));
  host->publisher.set_on_change([this, index] { on_host_change(index); });
  return host;
}

bool RedisPubSubLayer::is_settled(const Host& host) const {
  return host.is_ready && loop_.now_ms() >= host.settled_ms;
}

bool RedisPubSubLayer::is_away(const Host& host) {
  // At the start the first connection is worth waiting for, until something goes wrong.
  if (host.is_ready) return false;
  return host.was_ready || host.publisher.cause() != redis::Cause::kNotConnected ||
         host.subscriber.cause() != redis::Cause::kNotConnected;
}

void RedisPubSubLayer::on_host_change(size_t index) {
  Host& host = *hosts_[index];
  const bool is_ready_now = host.publisher.is_ready() && host.subscriber.is_ready();
  if (is_ready_now && !host.is_ready) {
    host.settled_ms = host.was_ready ? loop_.now_ms() + kSettleMs : 0;
    host.was_ready = true;
    loop_.timers().schedule(timer_, host.settled_ms);
  }
  host.is_ready = is_ready_now;
  if (is_away(host)) groups_.set_away(index);
  report();
}

size_t RedisPubSubLayer::host_of(std::string_view redis_channel) const {
  return shard_index(redis_channel, hosts_.size());
}

void RedisPubSubLayer::subscribe(std::string_view redis_channel) {
  // Past the bound nothing of it arrives, which the metric of groups shows.
  (void)hosts_[host_of(redis_channel)]->subscriber.subscribe(redis_channel);
}

void RedisPubSubLayer::gateway_add(std::string_view name) {
  const std::string channel = pubsub_group_channel(options_.prefix, name);
  GatewayGroup* group = groups_.add(name, host_of(channel));
  if (group == nullptr) return;
  const redis::Subscriber& subscriber = hosts_[group->host]->subscriber;
  if (subscriber.is_subscribed(channel)) return GatewayGroups::set_joined(*group);
  subscribe(channel);
}

void RedisPubSubLayer::gateway_discard(std::string_view name) {
  GatewayGroup* group = groups_.find(name);
  if (group == nullptr) return;
  groups_.remove(*group);
  unsubscribe_if_unused(name);
}

void RedisPubSubLayer::unsubscribe_if_unused(std::string_view group) {
  if (groups_.find(group) != nullptr) return;
  for (const auto& [name, received] : received_) {
    if (std::ranges::find(received.groups, group) != received.groups.end()) return;
  }
  const std::string channel = pubsub_group_channel(options_.prefix, group);
  hosts_[host_of(channel)]->subscriber.unsubscribe(channel);
}

void RedisPubSubLayer::when_joined(std::string_view name, UniqueFunction<void()> then) {
  const GatewayGroup* group = groups_.find(name);
  groups_.when_joined(name, group != nullptr && is_away(*hosts_[group->host]), std::move(then));
}

void RedisPubSubLayer::on_message(const redis::PublishedMessage& message) {
  auto decoded = serializer_.decode(message.payload, loop_.clock().wall_s());
  const EventPtr event = inbox_.event_of(decoded);
  if (event == nullptr) return;
  if (!message.pattern.empty()) {
    return gateway_.deliver_direct(local_name(message.channel), event);
  }
  const std::string_view group = pubsub_group_of(options_.prefix, message.channel);
  if (!group.empty()) return on_group_event(group, event, message.payload.size());
  const auto found = received_.find(message.channel);
  if (found == received_.end()) return inbox_.count_unaddressed();
  put(found->second, event);
}

void RedisPubSubLayer::on_group_event(std::string_view group,
                                      const EventPtr& event,
                                      size_t byte_count) {
  gateway_.deliver({std::string(group), event, byte_count});
  for (auto& [name, received] : received_) {
    if (std::ranges::find(received.groups, group) != received.groups.end()) put(received, event);
  }
}

void RedisPubSubLayer::put(Received& received, const EventPtr& event) const {
  if (!received.receivers.empty()) {
    Receiver receiver = std::move(received.receivers.front());
    received.receivers.pop_front();
    return receiver(event);
  }
  if (received.events.size() >= options_.capacities.capacity_of("")) received.events.pop_front();
  received.events.push_back(event);
}

void RedisPubSubLayer::receive(std::string_view channel, Receiver receiver) {
  auto found = received_.find(channel);
  if (found == received_.end()) {
    if (received_.size() >= kReceivedChannelsMax) return;
    found = received_.emplace(channel, Received{}).first;
    subscribe(channel);
  }
  Received& received = found->second;
  if (received.events.empty()) {
    received.receivers.push_back(std::move(receiver));
    return;
  }
  EventPtr event = std::move(received.events.front());
  received.events.pop_front();
  receiver(std::move(event));
}

void RedisPubSubLayer::group_add(std::string_view group, std::string_view channel) {
  const auto found = received_.find(channel);
  if (found == received_.end()) return;
  std::vector<std::string>& groups = found->second.groups;
  if (std::ranges::find(groups, group) != groups.end()) return;
  groups.emplace_back(group);
  subscribe(pubsub_group_channel(options_.prefix, group));
}

void RedisPubSubLayer::group_discard(std::string_view group, std::string_view channel) {
  const auto found = received_.find(channel);
  if (found == received_.end()) return;
  std::erase(found->second.groups, group);
  unsubscribe_if_unused(group);
}

void RedisPubSubLayer::send(std::string_view channel, EventPtr event, OnSent then) {
  if (channel.starts_with(process_channel_)) {
    gateway_.deliver_direct(local_name(channel), std::move(event));
    return then({});
  }
  const std::string payload =
      serializer_.message(serializer_.encode(event->object()), loop_.clock().wall_s());
  hosts_[host_of(channel)]->publisher.command(
      {"PUBLISH", channel, payload},
      [then = std::move(then)](const redis::CommandResult& result) mutable {
        if (result) return then({});
        then({.outcome = SendOutcome::kUnavailable, .trouble = text_of(result.error())});
      });
}

void RedisPubSubLayer::group_send(std::span<const Addressed> batch, OnSent then) {
  if (!gateway_.has_room(batch)) return then({.outcome = SendOutcome::kNoRoom});
  using Message = std::pair<std::string, std::string>;
  std::vector<std::vector<Message>> messages(hosts_.size());
  std::vector<std::vector<size_t>> events(hosts_.size());
  const int64_t now_s = loop_.clock().wall_s();
  for (size_t i = 0; i < batch.size(); ++i) {
    std::string channel = pubsub_group_channel(options_.prefix, batch[i].group);
    const size_t host = host_of(channel);
    messages[host].emplace_back(
        std::move(channel),
        serializer_.message(serializer_.encode(batch[i].event->object()), now_s));
    events[host].push_back(i);
  }
  auto flight = std::make_shared<Flight>(Flight{.then = std::move(then)});
  flight->has_failed.resize(batch.size());
  flight->waiting_count = 1;  // until all is under way
  for (size_t host = 0; host < hosts_.size(); ++host) {
    if (messages[host].empty()) continue;
    ++flight->waiting_count;
    publish(host, messages[host],
            [this, flight, of_host = std::move(events[host])](const redis::CommandResult& result) {
              if (!result) {
                flight->trouble = text_of(result.error());
                for (const size_t event : of_host) flight->has_failed[event] = true;
              }
              if (--flight->waiting_count == 0) finish(*flight, hosts_.size());
            });
  }
  if (--flight->waiting_count == 0) finish(*flight, hosts_.size());
}

void RedisPubSubLayer::publish(size_t index,
                               const std::vector<std::pair<std::string, std::string>>& messages,
                               redis::OnReply then) {
  Host& host = *hosts_[index];
  if (!is_settled(host)) {
    return then(Err(redis::CommandError{redis::CommandError::Kind::kUnavailable, trouble()}));
  }
  if (messages.size() == 1) {
    return host.publisher.command({"PUBLISH", messages[0].first, messages[0].second},
                                  std::move(then));
  }
  // All of them or none, as one host can promise.
  std::vector<std::vector<std::string_view>> commands;
  commands.reserve(messages.size());
  for (const auto& [channel, payload] : messages) commands.push_back({"PUBLISH", channel, payload});
  host.publisher.transaction(commands, std::move(then));
}

void RedisPubSubLayer::finish(Flight& flight, size_t host_count) {
  SendResult result;
  const auto failed_count = static_cast<size_t>(std::ranges::count(flight.has_failed, true));
  if (failed_count > 0) {
    result.trouble = std::move(flight.trouble);
    if (host_count == 1 || failed_count == flight.has_failed.size()) {
      result.outcome = SendOutcome::kUnavailable;
    } else {
      for (const bool has_failed : flight.has_failed) {
        result.outcomes.push_back(has_failed ? SendOutcome::kUnavailable : SendOutcome::kAccepted);
      }
    }
  }
  flight.then(std::move(result));
}

bool RedisPubSubLayer::is_ready() const {
  return std::ranges::all_of(hosts_, [this](const auto& host) { return is_settled(*host); });
}

bool RedisPubSubLayer::takes_sends() const {
  return std::ranges::any_of(hosts_, [this](const auto& host) { return is_settled(*host); });
}

std::string RedisPubSubLayer::trouble() const {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const Host& host = *hosts_[i];
    const std::string where = options_.hosts[i].to_string() + ": ";
    if (knows_why(host.publisher)) return where + host.publisher.trouble();
    if (knows_why(host.subscriber)) return where + host.subscriber.trouble();
  }
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const Host& host = *hosts_[i];
    const std::string where = options_.hosts[i].to_string() + ": ";
    if (!host.publisher.is_ready()) return where + host.publisher.trouble();
    if (!host.subscriber.is_ready()) return where + host.subscriber.trouble();
    if (!is_settled(host)) {
      return where + "the nodes are subscribing to their groups again; try again in a second";
    }
  }
  return {};
}

void RedisPubSubLayer::report() {
  metrics_.ready.set(is_ready() ? 1 : 0);
  metrics_.groups.set(static_cast<int64_t>(groups_.count()));
  uint64_t reconnect_count = 0;
  for (const auto& host : hosts_) {
    reconnect_count += host->publisher.reconnect_count() + host->subscriber.reconnect_count();
  }
  metrics_.reconnects.set(reconnect_count);
  const bool has_trouble =
      std::ranges::any_of(hosts_, [](const auto& host) { return is_away(*host); });
  if (has_trouble) return log_.unwell("the channel layer is not ready", {{"trouble", trouble()}});
  log_.well("the channel layer is ready again");
}

void RedisPubSubLayer::stop(UniqueFunction<void()> then) {
  struct Stopping {
    size_t waiting_count;
    UniqueFunction<void()> then;
  };
  auto stopping = std::make_shared<Stopping>(Stopping{hosts_.size(), std::move(then)});
  for (const auto& host : hosts_) {
    host->subscriber.stop();
    host->publisher.stop(kStopMs, [stopping] {
      if (--stopping->waiting_count == 0) stopping->then();
    });
  }
}

}  // namespace carillon::layer
