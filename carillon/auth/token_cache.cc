#include "carillon/auth/token_cache.h"

#include <iterator>
#include <utility>

namespace carillon::auth {

const TokenCache::Entry* TokenCache::find(const TokenDigest& digest) {
  const auto found = entries_.find(digest);
  if (found == entries_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->entry;
}

void TokenCache::insert(const TokenDigest& digest, Entry entry) {
  if (tokens_max_ == 0) return;
  erase(digest);
  if (entries_.size() < tokens_max_) {
    order_.push_front({digest, std::move(entry)});
    entries_.emplace(digest, order_.begin());
    return;
  }
  // Full: the oldest one's memory serves the newest.
  auto handle = entries_.extract(order_.back().digest);
  order_.splice(order_.begin(), order_, std::prev(order_.end()));
  order_.front() = {digest, std::move(entry)};
  handle.key() = digest;
  handle.mapped() = order_.begin();
  entries_.insert(std::move(handle));
}

void TokenCache::erase(const TokenDigest& digest) {
  const auto found = entries_.find(digest);
  if (found == entries_.end()) return;
  order_.erase(found->second);
  entries_.erase(found);
}

}  // namespace carillon::auth
