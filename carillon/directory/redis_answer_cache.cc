#include "carillon/directory/redis_answer_cache.h"

#include <utility>

namespace carillon::directory {

RedisAnswerCache::RedisAnswerCache(net::EventLoop& loop,
                                   net::Resolver& resolver,
                                   redis::Location location)
    : client_(loop,
              resolver,
              std::move(location),
              {.command_timeout_ms = kTimeoutMs, .write_probe_key = {}}) {
  client_.start();
}

void RedisAnswerCache::get(std::string_view key, Then then) {
  client_.command({"GET", std::string(kKeyPrefix) + std::string(key)},
                  [then = std::move(then)](const redis::CommandResult& result) mutable {
                    if (!result || !result->is_text()) return then(std::nullopt);
                    then(result->text);
                  });
}

void RedisAnswerCache::put(std::string_view key, std::string_view value, uint64_t ttl_ms) {
  if (ttl_ms == 0) return;
  client_.command(
      {"SET", std::string(kKeyPrefix) + std::string(key), value, "PX", std::to_string(ttl_ms)},
      [](const redis::CommandResult&) {});  // may be lost
}

}  // namespace carillon::directory
