#include "carillon/layer/redis_state_cache.h"

#include <memory>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::layer {
namespace {

void ignore(const redis::CommandResult&) {}  // may be lost

}  // namespace

RedisStateCache::RedisStateCache(const RedisLayerParts& parts,
                                 redis::Location location,
                                 std::string prefix,
                                 const std::vector<Secret>& keys)
    : loop_(parts.loop),
      prefix_(std::move(prefix)),
      seal_(keys),
      client_(parts.loop, parts.resolver, std::move(location), {.write_probe_key = {}}) {
  client_.set_on_change([this] { on_change(); });
  client_.start();
}

std::string RedisStateCache::key_of(std::string_view group) const {
  return "carillon:state:" + prefix_ + ":" + std::string(group);
}

// Where the value of one type lies.
std::string RedisStateCache::name_of(std::string_view key, std::string_view type) {
  return std::string(key) + " " + std::string(type);
}

// Fields and values by turns. Anybody may have written them: what is no event is left out.
std::vector<EventPtr> RedisStateCache::events_of(std::string_view key,
                                                 const resp::Reply& reply) const {
  std::vector<EventPtr> events;
  for (size_t i = 1; i < reply.elements.size(); i += 2) {
    const auto text = seal_.open(name_of(key, reply.elements[i - 1].text), reply.elements[i].text,
                                 loop_.clock().wall_s(), kExpiryS);
    if (!text) continue;
    auto object = json::parse(*text);
    if (!object) continue;
    auto event = Event::from_layer(std::move(*object));
    if (event) events.push_back(std::make_shared<const Event>(std::move(*event)));
  }
  return events;
}

void RedisStateCache::keep(std::string_view group, const EventPtr& event) {
  const std::string key = key_of(group);
  const std::string type(handler_name(event->type()));
  client_.command(
      {"HSET", key, type,
       seal_.seal(name_of(key, type), json::to_json(event->object()), loop_.clock().wall_s())},
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
    std::string key = key_of(group);
    client_.command({"HGETALL", key}, [this, key, answer = std::move(then)](
                                          const redis::CommandResult& result) mutable {
      if (result) answer(events_of(key, *result));
    });
  }
}

}  // namespace carillon::layer
