// The answers of one worker by what was asked, each until it expires, the least recently used
// forgotten first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "carillon/directory/directory_answer.h"

namespace carillon::directory {

// On its worker's thread only.
class AnswerMemory {
 public:
  // 0 keeps nothing.
  explicit AnswerMemory(size_t answers_max) : answers_max_(answers_max) {}

  // Null when it is not kept or has expired; good until the next call.
  const Answer* find(std::string_view key, uint64_t now_ms);
  void insert(std::string_view key, Answer answer, uint64_t expires_ms);
  size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Answer answer;
    uint64_t expires_ms;  // monotonic
  };
  using Order = std::list<Entry>;  // most recently used first
  void erase(Order::iterator entry);

  const size_t answers_max_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> entries_;  // keys are the entries' own
};

}  // namespace carillon::directory
