// What directories have answered, shared by every worker of every node through Redis.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "carillon/directory/answer_cache.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/client.h"

namespace carillon::directory {

// One per worker, on its loop. Keys are `carillon:directory:` and what the directory asks for: no
// credential, for those it has hashed. While Redis is away nothing is kept and nothing found.
class RedisAnswerCache final : public AnswerCache {
 public:
  static constexpr std::string_view kKeyPrefix = "carillon:directory:";
  static constexpr uint64_t kTimeoutMs = 500;

  // `loop` and `resolver` are borrowed for life.
  RedisAnswerCache(net::EventLoop& loop, net::Resolver& resolver, redis::Location location);

  void get(std::string_view key, Then then) override;
  void put(std::string_view key, std::string_view value, uint64_t ttl_ms) override;

 private:
  redis::Client client_;
};

}  // namespace carillon::directory
