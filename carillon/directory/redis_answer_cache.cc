#include "carillon/directory/redis_answer_cache.h"

#include <utility>

namespace carillon::directory {

RedisAnswerCache::RedisAnswerCache(net::EventLoop& loop,
                                   net::Resolver& resolver,
                                   redis::Location location,
                                   const RedisAnswerOptions& options)
    : loop_(loop),
      key_prefix_("carillon:directory:" + options.prefix + ":"),
      seal_(options.keys),
      max_age_s_(options.max_age_s),
      client_(loop,
              resolver,
              std::move(location),
              {.command_timeout_ms = kTimeoutMs, .write_probe_key = {}}) {
  client_.start();
}

std::string RedisAnswerCache::key_of(std::string_view key) const {
  return key_prefix_ + std::string(key);
}

void RedisAnswerCache::get(std::string_view key, Then then) {
  std::string name = key_of(key);
  client_.command({"GET", name},
                  [this, name, then = std::move(then)](const redis::CommandResult& result) mutable {
                    if (!result || !result->is_text()) return then(std::nullopt);
                    then(seal_.open(name, result->text, loop_.clock().wall_s(), max_age_s_));
                  });
}

void RedisAnswerCache::put(std::string_view key, std::string_view value, uint64_t ttl_ms) {
  if (ttl_ms == 0) return;
  const std::string name = key_of(key);
  client_.command(
      {"SET", name, seal_.seal(name, value, loop_.clock().wall_s()), "PX", std::to_string(ttl_ms)},
      [](const redis::CommandResult&) {});  // may be lost
}

}  // namespace carillon::directory
