// What directories have answered, shared by every worker of every node through Redis.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/secret.h"
#include "carillon/crypto/seal.h"
#include "carillon/directory/answer_cache.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/client.h"

namespace carillon::directory {

struct RedisAnswerOptions {
  std::string prefix;          // the layer's: applications on one Redis do not share answers
  std::vector<Secret> keys{};  // see crypto::Seal
  uint32_t max_age_s = 60;     // an older answer is not believed
};

// One per worker, on its loop. Keys are `carillon:directory:`, the prefix, and what the directory
// asks for: no credential, for those it has hashed. While Redis is away nothing is kept and nothing
// found.
class RedisAnswerCache final : public AnswerCache {
 public:
  static constexpr uint64_t kTimeoutMs = 500;

  // `loop` and `resolver` are borrowed for life.
  RedisAnswerCache(net::EventLoop& loop,
                   net::Resolver& resolver,
                   redis::Location location,
                   const RedisAnswerOptions& options);

  void get(std::string_view key, Then then) override;
  void put(std::string_view key, std::string_view value, uint64_t ttl_ms) override;

 private:
  std::string key_of(std::string_view key) const;

  const net::EventLoop& loop_;
  const std::string key_prefix_;
  const crypto::Seal seal_;
  const uint32_t max_age_s_;
  redis::Client client_;
};

}  // namespace carillon::directory
