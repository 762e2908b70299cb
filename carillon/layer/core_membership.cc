#include "carillon/layer/core_membership.h"

#include <algorithm>
#include <utility>

#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/channels_redis_order.h"

namespace carillon::layer {
namespace {

// A membership is made again four times in its life.
constexpr uint64_t kRenewalsPerExpiry = 4;

void ignore(const redis::CommandResult&) {}  // its cause shows in the client's trouble

}  // namespace

CoreMembership::CoreMembership(net::EventLoop& loop,
                               const RedisLayerOptions& options,
                               std::string_view process_channel,
                               const std::vector<redis::Client*>& hosts,
                               UniqueFunction<void()> on_change)
    : loop_(loop),
      options_(options),
      process_channel_(process_channel),
      expiry_text_(std::to_string(options.group_expiry_s)),
      on_change_(std::move(on_change)),
      timer_(loop.timers().add(*this)) {
  for (redis::Client* client : hosts) hosts_.push_back({.client = client});
}

CoreMembership::~CoreMembership() {
  loop_.timers().remove(timer_);
}

void CoreMembership::start() {
  loop_.timers().schedule(timer_, loop_.now_ms() + kHeartbeatMs);
}

std::string CoreMembership::channel_of(const GatewayGroup& group) const {
  return process_channel_ + group.local_name;
}

std::string CoreMembership::now_text() const {
  return Score(loop_.clock().wall_ms() * 1000).text();
}

void CoreMembership::add(std::string_view name) {
  const size_t host = shard_index(name, hosts_.size());
  GatewayGroup* group = groups_.add(name, host);
  if (group == nullptr || hosts_[host].state == State::kAway) return;
  join(*group, [this, local_name = group->local_name](const redis::CommandResult& result) {
    on_joined(local_name, result);
  });
}

void CoreMembership::on_joined(std::string_view local_name, const redis::CommandResult& result) {
  GatewayGroup* group = groups_.find_local(local_name);
  if (group == nullptr) return;
  if (result) return GatewayGroups::set_joined(*group);
  // The next heartbeat tries again: a key of another type (WRONGTYPE) or one that the user may not
  // write (NOPERM) is no reason to hammer, nor to give the other groups up.
  Host& host = hosts_[group->host];
  if (host.state != State::kAway) host.to_retry.push_back(group->name);
  GatewayGroups::set_refused(*group);
}

void CoreMembership::join(GatewayGroup& group, redis::OnReply then) {
  redis::Client& client = *hosts_[group.host].client;
  const std::string key = core_group_key(options_.prefix, group.name);
  client.command({"ZADD", key, now_text(), channel_of(group)}, std::move(then));
  client.command({"EXPIRE", key, expiry_text_}, ignore);
}

void CoreMembership::discard(std::string_view name) {
  GatewayGroup* group = groups_.find(name);
  if (group == nullptr) return;
  remove(*group);
  groups_.remove(*group);
}

void CoreMembership::remove(const GatewayGroup& group) {
  Host& host = hosts_[group.host];
  const std::string key = core_group_key(options_.prefix, group.name);
  host.client->command({"ZREM", key, channel_of(group)},
                       [this, index = group.host, name = group.name,
                        local_name = group.local_name](const redis::CommandResult& result) {
                         if (!result) keep_unremoved(index, name, local_name);
                       });
}

void CoreMembership::keep_unremoved(size_t host,
                                    const std::string& name,
                                    const std::string& local_name) {
  // Past the bound the membership ends with group_expiry.
  std::vector<GatewayGroup>& unremoved = hosts_[host].unremoved;
  if (unremoved.size() >= kUnremovedMax) return;
  unremoved.push_back({.name = name, .local_name = local_name, .host = host});
}

void CoreMembership::when_joined(std::string_view name, UniqueFunction<void()> then) {
  const GatewayGroup* group = groups_.find(name);
  groups_.when_joined(name, group != nullptr && is_away(hosts_[group->host]), std::move(then));
}

bool CoreMembership::is_away(const Host& host) {
  // At the start the first connection is worth waiting for, until something goes wrong.
  return host.state == State::kAway && (host.was_held || !host.refusal.empty() ||
                                        host.client->cause() != redis::Cause::kNotConnected);
}

std::string_view CoreMembership::group_of(std::string_view local_name) const {
  const GatewayGroup* group = groups_.find_local(local_name);
  return group == nullptr ? std::string_view() : std::string_view(group->name);
}

bool CoreMembership::is_held(size_t host) const {
  return hosts_[host].state == State::kHeld && loop_.now_ms() >= hosts_[host].settled_ms;
}

std::string CoreMembership::trouble(size_t host) const {
  const redis::Client& client = *hosts_[host].client;
  const std::string where = options_.hosts[host].to_string() + ": ";
  if (!client.is_ready()) return where + client.trouble();
  const std::string& refusal = hosts_[host].refusal;
  if (!refusal.empty()) return where + redis::trouble_of(refusal).to_string();
  return where + "the nodes are joining their groups again; try again in a second";
}

void CoreMembership::on_host_change(size_t index) {
  Host& host = hosts_[index];
  const bool is_ready = host.client->is_ready();
  if (is_ready && host.state == State::kAway) return restore(index);
  if (is_ready) return;
  if (host.state == State::kAway) {
    if (is_away(host)) groups_.set_away(index);
    return;
  }
  host.state = State::kAway;
  ++host.restore_number;
  groups_.set_away(index);
  on_change_();
}

void CoreMembership::beat(size_t index) {
  redis::Client& client = *hosts_[index].client;
  const std::string key = core_group_key(options_.prefix, kNodesGroup);
  const std::string past = std::to_string(loop_.clock().wall_s() - kNodeExpiryS);
  client.command({"ZREMRANGEBYSCORE", key, "0", past}, ignore);
  client.command({"ZADD", key, now_text(), process_channel_},
                 [this, index](const redis::CommandResult& result) { on_beat(index, result); });
  client.command({"EXPIRE", key, std::to_string(kNodeExpiryS)}, ignore);
}

void CoreMembership::on_beat(size_t index, const redis::CommandResult& result) {
  Host& host = hosts_[index];
  if (host.state != State::kHeld) return;
  if (!result) return set_refused(index, result.error());
  if (result->integer == 0) return;
  // We were in the group and are new to it: somebody has flushed the layer.
  ++flush_count_;
  restore(index);
}

// A connection that ends says so by itself.
void CoreMembership::set_refused(size_t index, const redis::CommandError& error) {
  Host& host = hosts_[index];
  if (error.kind != redis::CommandError::Kind::kRefused) return;
  host.state = State::kAway;
  host.refusal = error.text;
  ++host.restore_number;
  groups_.set_away(index);
  on_change_();
}

void CoreMembership::restore(size_t index) {
  Host& host = hosts_[index];
  host.state = State::kRestoring;
  const uint64_t number = ++host.restore_number;
  const std::string key = core_group_key(options_.prefix, kNodesGroup);
  host.client->command({"ZADD", key, now_text(), process_channel_},
                       [this, index, number](const redis::CommandResult& result) {
                         Host& restored = hosts_[index];
                         if (number != restored.restore_number) return;
                         if (!result) {
                           restored.state = State::kAway;  // the next heartbeat tries again
                           return set_refused(index, result.error());
                         }
                         restored.refusal.clear();
                         const bool was_emptied = restored.was_held && result->integer != 0;
                         restored.settled_ms = was_emptied ? loop_.now_ms() + kSettleMs : 0;
                         restored.to_restore = groups_.names_of(index);
                         restored.to_retry.clear();
                         remove_unremoved(index);
                         restore_slice(index);
                       });
}

void CoreMembership::restore_slice(size_t index) {
  Host& host = hosts_[index];
  size_t sent_count = 0;
  while (!host.to_restore.empty() && sent_count < kSliceCount) {
    GatewayGroup* group = groups_.find(host.to_restore.back());
    host.to_restore.pop_back();
    if (group == nullptr) continue;
    ++sent_count;
    const bool is_last = sent_count == kSliceCount || host.to_restore.empty();
    join(*group, [this, index, is_last, number = host.restore_number,
                  local_name = group->local_name](const redis::CommandResult& result) {
      on_joined(local_name, result);
      if (!is_last || number != hosts_[index].restore_number) return;
      if (result || result.error().kind == redis::CommandError::Kind::kRefused) {
        return restore_slice(index);
      }
      hosts_[index].state = State::kAway;
    });
    if (is_last) return;
  }
  on_restored(index);
}

void CoreMembership::remove_unremoved(size_t index) {
  for (const GatewayGroup& gone : std::exchange(hosts_[index].unremoved, {})) remove(gone);
}

void CoreMembership::on_restored(size_t index) {
  if (hosts_[index].state == State::kHeld) return;
  hosts_[index].state = State::kHeld;
  hosts_[index].was_held = true;
  beat(index);
  on_change_();
}

void CoreMembership::renew_slice() {
  const uint64_t period_ms = uint64_t{options_.group_expiry_s} * 1000 / kRenewalsPerExpiry;
  const size_t due_count = static_cast<size_t>((groups_.count() * kHeartbeatMs + period_ms - 1) /
                                               std::max<uint64_t>(period_ms, 1));
  const size_t count = std::min(due_count, groups_.count());
  for (size_t i = 0; i < count; ++i) {
    if (renew_position_ >= groups_.count()) renew_position_ = 0;
    GatewayGroup& group = groups_.at(renew_position_++);
    if (hosts_[group.host].state == State::kHeld) join(group, ignore);
  }
}

void CoreMembership::on_timer() {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    on_host_change(i);
    if (hosts_[i].state != State::kHeld) continue;
    beat(i);
    remove_unremoved(i);
    for (std::string& name : std::exchange(hosts_[i].to_retry, {})) {
      hosts_[i].to_restore.push_back(std::move(name));
    }
    if (!hosts_[i].to_restore.empty()) restore_slice(i);
  }
  renew_slice();
  on_change_();
  loop_.timers().schedule(timer_, loop_.now_ms() + kHeartbeatMs);
}

void CoreMembership::leave() {
  loop_.timers().cancel(timer_);
  const std::string nodes_key = core_group_key(options_.prefix, kNodesGroup);
  for (Host& host : hosts_) {
    ++host.restore_number;
    if (!host.client->is_connected()) continue;
    host.client->command({"ZREM", nodes_key, process_channel_}, ignore);
    host.client->command({"DEL", core_channel_key(options_.prefix, process_channel_)}, ignore);
  }
  while (groups_.count() > 0) {
    GatewayGroup& group = groups_.at(groups_.count() - 1);
    remove(group);
    groups_.remove(group);
  }
}

}  // namespace carillon::layer
