// The notifications of each user: how many are unread, and which have been read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "carillon/base/unique_function.h"
#include "carillon/json/value.h"

namespace carillon::inbox {

struct Stored {
  json::Value notification;  // with `id` and `created_at`, added if the publisher gave none
  uint64_t unread_count = 0;
};

// Lives on the node's loop: calls and callbacks happen there. A callback may come before the call
// returns.
class Inbox {
 public:
  virtual ~Inbox() = default;

  // `notification` is an object; its `id`, if it has one, is an integer or a string, and replaces
  // an earlier notification of the same id.
  virtual void add(std::string_view user_id,
                   json::Value notification,
                   UniqueFunction<void(Stored)> then) = 0;
  // Takes back what add() stored, because its event could not be sent. What add() dropped for it,
  // the oldest or one of the same id, does not come back.
  virtual void remove(std::string_view user_id, const json::Value& id) = 0;
  virtual void unread_count(std::string_view user_id, UniqueFunction<void(uint64_t)> then) = 0;
  // Calls back with the new count of unread ones, or with nothing when there is no such `id`.
  virtual void mark_read(std::string_view user_id,
                         const json::Value& id,
                         UniqueFunction<void(std::optional<uint64_t>)> then) = 0;
  virtual void mark_all_read(std::string_view user_id, UniqueFunction<void(uint64_t)> then) = 0;
};

}  // namespace carillon::inbox
