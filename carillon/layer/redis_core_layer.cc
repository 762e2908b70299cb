#include "carillon/layer/redis_core_layer.h"

#include <algorithm>
#include <utility>

#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/name.h"

namespace carillon::layer {
namespace {

constexpr uint64_t kCommandTimeoutMs = 3'000;
constexpr uint64_t kRetryMsMax = 500;  // below CoreMembership::kSettleMs
constexpr size_t kPendingMax = 262'144;
constexpr size_t kNamesMax = 10'000;  // of one message; each costs a rendering

void ignore(const redis::CommandResult&) {}  // its cause shows in the client's trouble

// Of a fresh layer one connection may be refused before another has been tried: who knows why is
// asked first.
bool knows_why(const redis::Client& client) {
  return !client.is_ready() && client.cause() != redis::Cause::kNotConnected;
}

}  // namespace

RedisCoreLayer::Host::Host(const RedisLayerParts& parts,
                           const RedisLayerOptions& options,
                           const redis::Location& location,
                           std::string key,
                           CoreReader::OnMessage on_message)
    : writer(parts.loop,
             parts.resolver,
             location,
             {.command_timeout_ms = kCommandTimeoutMs,
              .retry_ms_max = kRetryMsMax,
              .pending_commands_max = kPendingMax,
              .write_probe_key = core_group_key(options.prefix, kNodesGroup)}),
      reader_client(parts.loop,
                    parts.resolver,
                    location,
                    {.command_timeout_ms = kCommandTimeoutMs,
                     .retry_ms_max = kRetryMsMax,
                     .write_probe_key = {}}),
      reader(reader_client, std::move(key), std::move(on_message)) {}

RedisCoreLayer::RedisCoreLayer(const RedisLayerParts& parts, RedisLayerOptions options)
    : loop_(parts.loop),
      gateway_(parts.gateway),
      options_(std::move(options)),
      process_channel_(make_process_channel()),
      metrics_(parts.registry),
      inbox_(parts, metrics_),
      log_(parts.logger),
      serializer_(options_.serializer),
      hosts_(make_hosts(parts)),
      membership_(parts.loop, options_, process_channel_, writers(), [this] { on_change(); }),
      sender_(parts.loop, options_, membership_, writers(), parts.gateway),
      receiver_(parts, options_, writers(), inbox_) {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i]->writer.set_on_change([this, i] {
      membership_.on_host_change(i);
      report();
    });
    hosts_[i]->reader_client.set_on_change([this] { on_change(); });
    hosts_[i]->writer.start();
    hosts_[i]->reader_client.start();
  }
  membership_.start();
}

RedisCoreLayer::~RedisCoreLayer() {
  // First of all, so that no answer comes to what is gone.
  hosts_.clear();
}

RedisCoreLayer::Hosts RedisCoreLayer::make_hosts(const RedisLayerParts& parts) {
  Hosts hosts;
  for (const redis::Location& location : options_.hosts) {
    hosts.push_back(std::make_unique<Host>(
        parts, options_, location, core_channel_key(options_.prefix, process_channel_),
        [this](std::string_view message) { on_message(message); }));
  }
  return hosts;
}

std::vector<redis::Client*> RedisCoreLayer::writers() const {
  std::vector<redis::Client*> clients;
  for (const auto& host : hosts_) clients.push_back(&host->writer);
  return clients;
}

redis::Client& RedisCoreLayer::writer_of(std::string_view group) const {
  return hosts_[shard_index(group, hosts_.size())]->writer;
}

void RedisCoreLayer::on_message(std::string_view message) {
  auto decoded = serializer_.decode(message, loop_.clock().wall_s());
  const EventPtr event = inbox_.event_of(decoded);
  if (event == nullptr) return;
  std::vector<std::string>& channels = decoded->channels;
  if (channels.empty() || channels.size() > kNamesMax) return inbox_.count_unaddressed();
  // A name twice would be the event twice.
  std::ranges::sort(channels);
  channels.erase(std::ranges::unique(channels).begin(), channels.end());
  for (const std::string& channel : channels) {
    const std::string_view local = local_name(channel);
    const std::string_view group = membership_.group_of(local);
    const bool is_ours = channel.starts_with(process_channel_);
    if (is_ours && !group.empty()) {
      gateway_.deliver({std::string(group), event, message.size()});
    } else if (!is_ours || local.starts_with('g')) {
      inbox_.count_unaddressed();  // somebody else, or a group whose last member has just left
    } else {
      gateway_.deliver_direct(local, event);
    }
  }
}

void RedisCoreLayer::send(std::string_view channel, EventPtr event, OnSent then) {
  if (channel.starts_with(process_channel_)) {
    gateway_.deliver_direct(local_name(channel), std::move(event));
    return then({});
  }
  sender_.send(channel, event, std::move(then));
}

void RedisCoreLayer::receive(std::string_view channel, Receiver receiver) {
  receiver_.receive(channel, std::move(receiver));
}

void RedisCoreLayer::group_add(std::string_view group, std::string_view channel) {
  const std::string key = core_group_key(options_.prefix, group);
  redis::Client& client = writer_of(group);
  client.command({"ZADD", key, Score(loop_.clock().wall_ms() * 1000).text(), channel}, ignore);
  client.command({"EXPIRE", key, std::to_string(options_.group_expiry_s)}, ignore);
}

void RedisCoreLayer::group_discard(std::string_view group, std::string_view channel) {
  writer_of(group).command({"ZREM", core_group_key(options_.prefix, group), channel}, ignore);
}

void RedisCoreLayer::group_send(std::span<const Addressed> batch, OnSent then) {
  sender_.group_send(batch, std::move(then));
}

bool RedisCoreLayer::is_ready() const {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (!membership_.is_held(i) || !is_reading(*hosts_[i])) return false;
  }
  return true;
}

bool RedisCoreLayer::is_reading(const Host& host) {
  return host.reader_client.is_connected() && host.reader.refusal().empty();
}

bool RedisCoreLayer::takes_sends() const {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (membership_.is_held(i)) return true;
  }
  return false;
}

std::string RedisCoreLayer::trouble() const {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    for (const redis::Client* client : {&hosts_[i]->writer, &hosts_[i]->reader_client}) {
      if (knows_why(*client)) return options_.hosts[i].to_string() + ": " + client->trouble();
    }
  }
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (!membership_.is_held(i)) return membership_.trouble(i);
    const redis::Client& reader = hosts_[i]->reader_client;
    const std::string where = options_.hosts[i].to_string() + ": ";
    if (!reader.is_connected()) return where + reader.trouble();
    const std::string& refusal = hosts_[i]->reader.refusal();
    if (!refusal.empty()) return where + redis::trouble_of(refusal).to_string();
  }
  return {};
}

bool RedisCoreLayer::is_starting() const {
  if (was_ready_) return false;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (!membership_.refusal(i).empty()) return false;
  }
  return std::ranges::none_of(hosts_, [](const auto& host) {
    const auto is_away = [](const redis::Client& client) {
      return !client.is_connected() && client.cause() != redis::Cause::kNotConnected;
    };
    return is_away(host->writer) || is_away(host->reader_client);
  });
}

void RedisCoreLayer::on_change() {
  for (const auto& host : hosts_) host->reader.on_change();
  report();
}

void RedisCoreLayer::report() {
  const bool is_ready_now = is_ready();
  metrics_.ready.set(is_ready_now ? 1 : 0);
  metrics_.groups.set(static_cast<int64_t>(membership_.group_count()));
  metrics_.flushes.set(membership_.flush_count());
  uint64_t reconnect_count = 0;
  for (const auto& host : hosts_) {
    reconnect_count += host->writer.reconnect_count() + host->reader_client.reconnect_count();
  }
  metrics_.reconnects.set(reconnect_count);
  was_ready_ |= is_ready_now;
  if (is_ready_now) return log_.well("the channel layer is ready again");
  if (is_starting()) return;
  log_.unwell("the channel layer is not ready", {{"trouble", trouble()}});
}

void RedisCoreLayer::stop(UniqueFunction<void()> then) {
  membership_.leave();
  receiver_.stop();
  struct Stopping {
    size_t waiting_count;
    UniqueFunction<void()> then;
  };
  auto stopping = std::make_shared<Stopping>(Stopping{hosts_.size() * 2, std::move(then)});
  const auto one_less = [stopping] {
    if (--stopping->waiting_count == 0) stopping->then();
  };
  for (const auto& host : hosts_) {
    host->writer.stop(kStopMs, one_less);
    host->reader_client.stop(0, one_less);
  }
}

}  // namespace carillon::layer
