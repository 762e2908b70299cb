#include "carillon/layer/core_sender.h"

#include <algorithm>
#include <utility>

#include "carillon/layer/channels_redis_names.h"

namespace carillon::layer {
namespace {

// KEYS: one for each message. ARGV: member, capacity and score of each, then the score up to which
// messages have expired, then the expiry. What channels_redis does for one event, for many: returns
// how many found their channel full.
constexpr std::string_view kWriteScript = R"(
local over = 0
local cutoff, expiry = ARGV[3 * #KEYS + 1], ARGV[3 * #KEYS + 2]
for i = 1, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], 0, cutoff)
  if redis.call('ZCARD', KEYS[i]) < tonumber(ARGV[3 * i - 1]) then
    redis.call('ZADD', KEYS[i], ARGV[3 * i], ARGV[3 * i - 2])
    redis.call('EXPIRE', KEYS[i], expiry)
  else
    over = over + 1
  end
end
return over)";

std::string text_of(const redis::CommandError& error) {
  if (error.kind == redis::CommandError::Kind::kLost) {
    return error.text + "; the event may have reached other nodes";
  }
  return error.text;
}

void ignore(const redis::CommandResult&) {}  // its cause shows in the client's trouble

}  // namespace

CoreSender::CoreSender(net::EventLoop& loop,
                       const RedisLayerOptions& options,
                       const CoreMembership& membership,
                       std::vector<redis::Client*> hosts,
                       Gateway& gateway)
    : loop_(loop),
      options_(options),
      membership_(membership),
      hosts_(std::move(hosts)),
      gateway_(gateway),
      serializer_(options.serializer) {}

void CoreSender::send(std::string_view channel, const EventPtr& event, ChannelLayer::OnSent then) {
  const std::string_view non_local = non_local_name(channel);
  const bool is_local = channel.find('!') != std::string_view::npos;
  const int64_t now_s = loop_.clock().wall_s();
  Write write;
  write.keys.push_back(core_channel_key(options_.prefix, non_local));
  const EncodedEvent encoded = serializer_.encode(event->object());
  write.values = {is_local ? serializer_.message_for(encoded, channel, now_s)
                           : serializer_.message(encoded, now_s),
                  std::to_string(options_.capacities.capacity_of(channel)),
                  scores_.next(loop_.clock().wall_ms()).text()};
  // The shard that the owner reads; channels of no process go round.
  const size_t host =
      is_local ? shard_index(non_local, hosts_.size()) : next_host_++ % hosts_.size();
  write_to(host, write, [then = std::move(then)](const redis::CommandResult& result) mutable {
    if (!result) {
      return then({.outcome = SendOutcome::kUnavailable, .trouble = text_of(result.error())});
    }
    then({.outcome = result->integer == 0 ? SendOutcome::kAccepted : SendOutcome::kChannelFull});
  });
}

void CoreSender::group_send(std::span<const Addressed> batch, ChannelLayer::OnSent then) {
  if (flights_.size() >= kInFlightMax || !gateway_.has_room(batch)) {
    return then({.outcome = SendOutcome::kNoRoom});
  }
  auto flight = std::make_shared<Flight>(Flight{.batch = batch, .then = std::move(then)});
  flight->has_failed.resize(batch.size());
  flights_.push_back(flight);
  for (const Addressed& addressed : batch) flight->channels.try_emplace(addressed.group);
  flight->waiting_count = flight->channels.size();
  for (const auto& [group, channels] : flight->channels) list(flight, group);
  advance();  // where nothing had to be asked
}

void CoreSender::list(const FlightPtr& flight, const std::string& group) {
  const size_t host = shard_index(group, hosts_.size());
  if (!membership_.is_held(host)) return on_listed(*flight, group, membership_.trouble(host));
  const std::string key = core_group_key(options_.prefix, group);
  const int64_t cutoff_s = loop_.clock().wall_s() - options_.group_expiry_s;
  hosts_[host]->command({"ZREMRANGEBYSCORE", key, "0", std::to_string(cutoff_s)}, ignore);
  hosts_[host]->command({"ZRANGE", key, "0", "-1"},
                        [this, flight, group](const redis::CommandResult& result) {
                          if (result) {
                            for (const resp::Reply& channel : result->elements) {
                              flight->channels[group].push_back(channel.text);
                            }
                          }
                          on_listed(*flight, group, result ? "" : text_of(result.error()));
                          advance();
                        });
}

void CoreSender::on_listed(Flight& flight, std::string_view group, std::string trouble) {
  --flight.waiting_count;
  if (trouble.empty()) return;
  flight.trouble = std::move(trouble);
  for (size_t i = 0; i < flight.batch.size(); ++i) {
    if (flight.batch[i].group == group) flight.has_failed[i] = true;
  }
}

void CoreSender::advance() {
  while (written_count_ < flights_.size() && flights_[written_count_]->waiting_count == 0) {
    write(flights_[written_count_++]);
  }
  while (!flights_.empty() && flights_.front()->is_written &&
         flights_.front()->waiting_count == 0) {
    const FlightPtr flight = std::move(flights_.front());
    flights_.pop_front();
    --written_count_;
    finish(*flight);
  }
}

void CoreSender::write(const FlightPtr& flight) {
  flight->is_written = true;
  // On one host it is all or nothing.
  const bool has_failed = std::ranges::find(flight->has_failed, true) != flight->has_failed.end();
  if (hosts_.size() == 1 && has_failed) return;
  std::vector<Write> writes(hosts_.size());
  for (size_t i = 0; i < flight->batch.size(); ++i) {
    if (!flight->has_failed[i]) add_writes(*flight, i, writes);
  }
  for (size_t host = 0; host < writes.size(); ++host) {
    if (writes[host].keys.empty()) continue;
    ++flight->waiting_count;
    write_to(host, writes[host],
             [this, flight,
              events = std::move(writes[host].events)](const redis::CommandResult& result) {
               if (result) {
                 flight->over_capacity_count += static_cast<size_t>(result->integer);
               } else {
                 flight->trouble = text_of(result.error());
                 for (const size_t event : events) flight->has_failed[event] = true;
               }
               --flight->waiting_count;
               advance();
             });
  }
}

void CoreSender::add_writes(Flight& flight, size_t event_index, std::vector<Write>& writes) {
  const Addressed& addressed = flight.batch[event_index];
  // One message for each process, with the names of all its channels in the order of the group.
  std::vector<std::string_view> processes;
  std::map<std::string_view, std::vector<std::string>> names;
  for (const std::string& channel : flight.channels[addressed.group]) {
    const std::string_view process = non_local_name(channel);
    if (process == membership_.process_channel()) {  // ours get it from here
      if (!local_name(channel).starts_with('g')) {
        flight.own_channels.emplace_back(event_index, channel);
      }
      continue;
    }
    std::vector<std::string>& of_process = names[process];
    if (of_process.empty()) processes.push_back(process);
    of_process.push_back(channel);
  }
  if (processes.empty()) return;
  const EncodedEvent encoded = serializer_.encode(addressed.event->object());
  const std::string score = scores_.next(loop_.clock().wall_ms()).text();
  const int64_t now_s = loop_.clock().wall_s();
  for (const std::string_view process : processes) {
    const std::vector<std::string>& of_process = names[process];
    Write& write = writes[shard_index(process, hosts_.size())];
    write.keys.push_back(core_channel_key(options_.prefix, process));
    write.values.push_back(serializer_.message_for(encoded, std::span(of_process), now_s));
    write.values.push_back(std::to_string(options_.capacities.capacity_of(of_process.front())));
    write.values.push_back(score);
    write.events.push_back(event_index);
  }
}

void CoreSender::write_to(size_t host, const Write& write, redis::OnReply then) {
  const std::string key_count = std::to_string(write.keys.size());
  const std::string cutoff = std::to_string(loop_.clock().wall_s() - options_.expiry_s);
  const std::string expiry = std::to_string(options_.expiry_s);
  std::vector<std::string_view> args = {"EVAL", kWriteScript, key_count};
  args.reserve(5 + write.keys.size() * 4);
  args.insert(args.end(), write.keys.begin(), write.keys.end());
  args.insert(args.end(), write.values.begin(), write.values.end());
  args.push_back(cutoff);
  args.push_back(expiry);
  hosts_[host]->command(args, std::move(then));
}

void CoreSender::finish(Flight& flight) {
  SendResult result{.over_capacity_count = flight.over_capacity_count};
  const auto failed_count = static_cast<size_t>(std::ranges::count(flight.has_failed, true));
  if (failed_count > 0) {
    result.trouble = std::move(flight.trouble);
    if (hosts_.size() == 1 || failed_count == flight.batch.size()) {
      result.outcome = SendOutcome::kUnavailable;
      return flight.then(std::move(result));
    }
    for (const bool has_failed : flight.has_failed) {
      result.outcomes.push_back(has_failed ? SendOutcome::kUnavailable : SendOutcome::kAccepted);
    }
  }
  for (size_t i = 0; i < flight.batch.size(); ++i) {
    if (!flight.has_failed[i]) gateway_.deliver(flight.batch[i]);
  }
  for (const auto& [i, channel] : flight.own_channels) {
    if (!flight.has_failed[i]) {
      gateway_.deliver_direct(local_name(channel), flight.batch[i].event);
    }
  }
  flight.then(std::move(result));
}

}  // namespace carillon::layer
