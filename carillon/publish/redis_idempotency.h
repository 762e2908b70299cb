// Idempotency-Keys that all nodes share: a retry may come to another node than the request did.
#pragma once

#include <string>
#include <string_view>

#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/publish/idempotency.h"
#include "carillon/redis/client.h"

namespace carillon::publish {

// A string for each key, `carillon:idempotency:` + the layer's prefix + `:` + its SHA-256: `p` +
// the body's hash while a node answers the request, `d` + the hash + the ids afterwards. See
// IdempotencyTable for threads.
class RedisIdempotencyTable final : public IdempotencyTable {
 public:
  // A claim of a node that died lapses after this.
  static constexpr uint64_t kClaimMs = 30'000;

  // `loop` and `resolver` are borrowed for life.
  RedisIdempotencyTable(net::EventLoop& loop,
                        net::Resolver& resolver,
                        redis::Location location,
                        std::string_view prefix);

  void claim(const IdempotencyKey& key, OnClaim then) override;
  void remember(const IdempotencyKey& key, std::vector<std::string> ids) override;
  void forget(const IdempotencyKey& key) override;

 private:
  std::string redis_key(const IdempotencyKey& key) const;
  // What became of a command that has no answer: one line.
  std::string trouble_of(const redis::CommandError& error) const;

  const std::string where_;
  const std::string key_prefix_;
  redis::Client client_;
};

}  // namespace carillon::publish
