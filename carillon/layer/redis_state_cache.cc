#include "carillon/layer/redis_state_cache.h"

#include <memory>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::layer {
namespace {

void ignore(const redis::CommandResult&) {}  // may be lost

// Fields and values by turns. Anybody may have written them: what is no event is left out.
std::vector<EventPtr> events_of(const resp::Reply& reply) {
  std::vector<EventPtr> events;
  for (size_t i = 1; i < reply.elements.size(); i += 2) {
    auto object = json::parse(reply.elements[i].text);
    if (!object) continue;
    auto event = Event::from_layer(std::move(*object));
    if (event) events.push_back(std::make_shared<const Event>(std::move(*event)));
  }
  return events;
}

}  // namespace

RedisStateCache::RedisStateCache(const RedisLayerParts& parts,
                                 redis::Location location,
                                 std::string prefix)
    : prefix_(std::move(prefix)),
      client_(parts.loop, parts.resolver, std::move(location), {.write_probe_key = {}}) {
  client_.set_on_change([this] { on_change(); });
  client_.start();
}

std::string RedisStateCache::key_of(std::string_view group) const {
  return "carillon:state:" + prefix_ + ":" + std::string(group);
}

void RedisStateCache::keep(std::string_view group, const EventPtr& event) {
  const std::string key = key_of(group);
  client_.command({"HSET", key, handler_name(event->type()), json::to_json(event->object())},
                  ignore);
  client_.command({"EXPIRE", key, std::to_string(kExpiryS)}, ignore);
}

void RedisStateCache::recall(std::string group, OnRecalled then) {
  waiting_.emplace_back(std::move(group), std::move(then));
  on_change();
}

void RedisStateCache::on_change() {
  if (!client_.is_ready()) return;
  for (auto& [group, then] : std::exchange(waiting_, {})) {
    client_.command({"HGETALL", key_of(group)},
                    [then = std::move(then)](const redis::CommandResult& result) mutable {
                      if (result) then(events_of(*result));
                    });
  }
}

}  // namespace carillon::layer
