// Remembers what was answered to a request that may be sent again.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "carillon/base/clock.h"

namespace carillon::publish {

// The Idempotency-Key of one request with its path, and what tells its body from another.
struct IdempotencyKey {
  std::string key;
  std::string body_hash;
};

// Lives on the node's loop. Past `keys_max` the oldest is forgotten.
class IdempotencyTable {
 public:
  static constexpr uint64_t kRememberMs = 600'000;

  struct Entry {
    std::string body_hash;
    std::vector<std::string> ids;
    uint64_t expires_at_ms;
  };

  IdempotencyTable(size_t keys_max, const Clock& clock) : keys_max_(keys_max), clock_(clock) {}

  // What was accepted under `key`, or null.
  const Entry* find(const std::string& key);
  void remember(const IdempotencyKey& key, std::vector<std::string> ids);
  size_t size() const noexcept { return entries_.size(); }

 private:
  void drop_expired();

  const size_t keys_max_;
  const Clock& clock_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> by_age_;  // oldest first
};

}  // namespace carillon::publish
