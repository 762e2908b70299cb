// The seam for a cache that other processes share, such as Redis.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/unique_function.h"

namespace carillon::directory {

// One per worker, on its loop.
class AnswerCache {
 public:
  using Then = UniqueFunction<void(std::optional<std::string>)>;

  virtual ~AnswerCache() = default;

  // Calls `then` once, now or later; with nothing when it is not kept, has expired, or the cache
  // cannot be reached in time.
  virtual void get(std::string_view key, Then then) = 0;
  // May be lost.
  virtual void put(std::string_view key, std::string_view value, uint64_t ttl_ms) = 0;
};

}  // namespace carillon::directory
