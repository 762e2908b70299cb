// Owns the sessions of one loop, and finds them by a number that is never used twice.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "carillon/consumer/peer.h"

namespace carillon::session {

// On its loop only.
template <class Session>
class SessionTable {
 public:
  using Id = consumer::SessionId;

  // Where the next session will be: its constructor may need to know.
  Id add(std::unique_ptr<Session> session) {
    uint32_t slot;
    if (free_.empty()) {
      slot = static_cast<uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    entries_[slot].session = std::move(session);
    ++count_;
    return {slot, entries_[slot].generation};
  }

  // Null when that session has ended.
  Session* find(Id id) const noexcept {
    if (id.slot >= entries_.size() || entries_[id.slot].generation != id.generation) return nullptr;
    return entries_[id.slot].session.get();
  }

  std::unique_ptr<Session> remove(Id id) {
    Entry& entry = entries_[id.slot];
    ++entry.generation;
    --count_;
    free_.push_back(id.slot);
    return std::move(entry.session);
  }

  size_t count() const noexcept { return count_; }
  // For walks that sessions may leave: at(0) to at(slot_count() - 1), null where there is none.
  size_t slot_count() const noexcept { return entries_.size(); }
  Session* at(size_t slot) const noexcept { return entries_[slot].session.get(); }

 private:
  struct Entry {
    std::unique_ptr<Session> session;
    uint32_t generation = 0;
  };
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
  size_t count_ = 0;
};

}  // namespace carillon::session
