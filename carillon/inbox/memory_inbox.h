// An inbox that ends with the process and knows only this node: ids and marks, not the texts.
#pragma once

#include <deque>
#include <list>
#include <string>
#include <unordered_map>

#include "carillon/base/clock.h"
#include "carillon/inbox/inbox.h"

namespace carillon::inbox {

struct MemoryInboxOptions {
  size_t notifications_max = 1'000;  // a user; the oldest go first
  size_t users_max = 100'000;        // the least recently used go first
};

class MemoryInbox final : public Inbox {
 public:
  // `clock` is borrowed for life.
  MemoryInbox(const MemoryInboxOptions& options, const Clock& clock);

  void add(std::string_view user_id,
           json::Value notification,
           UniqueFunction<void(Stored)> then) override;
  void remove(std::string_view user_id, const json::Value& id) override;
  void unread_count(std::string_view user_id, UniqueFunction<void(uint64_t)> then) override;
  void mark_read(std::string_view user_id,
                 const json::Value& id,
                 UniqueFunction<void(std::optional<uint64_t>)> then) override;
  void mark_all_read(std::string_view user_id, UniqueFunction<void(uint64_t)> then) override;

 private:
  struct Entry {
    std::string id;  // as JSON, so that 7 and "7" differ
    bool is_read = false;
  };
  struct User {
    std::deque<Entry> entries;  // oldest first
    uint64_t unread_count = 0;
    std::list<std::string>::iterator recency;
  };
  // Null when the user has no notification; makes the user the most recently used one.
  User* find(std::string_view user_id);
  User& find_or_make(std::string_view user_id);
  // A number that no notification of `user` has: publishers may count from 1 too.
  uint64_t unused_id(const User& user);
  static void drop(User& user, const std::deque<Entry>::iterator& entry);

  const MemoryInboxOptions options_;
  const Clock& clock_;
  uint64_t next_id_ = 1;
  std::unordered_map<std::string, User> users_;
  std::list<std::string> by_recency_;  // most recently used first
};

}  // namespace carillon::inbox
