#include "carillon/publish/idempotency.h"

#include <utility>

namespace carillon::publish {

void MemoryIdempotencyTable::drop_expired() {
  const uint64_t now_ms = clock_.monotonic_ms();
  while (!by_age_.empty()) {
    const auto oldest = entries_.find(by_age_.front());
    if (oldest->second.expires_at_ms > now_ms) return;
    entries_.erase(oldest);
    by_age_.pop_front();
  }
}

void MemoryIdempotencyTable::claim(const IdempotencyKey& key, OnClaim then) {
  drop_expired();
  const auto found = entries_.find(key.key);
  if (found == entries_.end()) return then({});
  if (found->second.body_hash != key.body_hash) return then({.outcome = ClaimOutcome::kOtherBody});
  then({.outcome = ClaimOutcome::kKnown, .ids = found->second.ids});
}

void MemoryIdempotencyTable::remember(const IdempotencyKey& key, std::vector<std::string> ids) {
  if (keys_max_ == 0) return;
  if (entries_.size() >= keys_max_) {
    entries_.erase(by_age_.front());
    by_age_.pop_front();
  }
  Entry entry{key.body_hash, std::move(ids), clock_.monotonic_ms() + kRememberMs};
  if (entries_.emplace(key.key, std::move(entry)).second) by_age_.push_back(key.key);
}

}  // namespace carillon::publish
