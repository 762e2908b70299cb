#include "carillon/directory/answer_memory.h"

#include <iterator>
#include <utility>

namespace carillon::directory {

const Answer* AnswerMemory::find(std::string_view key, uint64_t now_ms) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (found->second->expires_ms <= now_ms) {
    erase(found->second);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, found->second);
  return &found->second->answer;
}

void AnswerMemory::insert(std::string_view key, Answer answer, uint64_t expires_ms) {
  if (answers_max_ == 0) return;
  const auto known = entries_.find(key);
  if (known != entries_.end()) erase(known->second);
  if (entries_.size() == answers_max_) erase(std::prev(order_.end()));
  order_.push_front({std::string(key), std::move(answer), expires_ms});
  entries_.emplace(order_.front().key, order_.begin());
}

void AnswerMemory::erase(Order::iterator entry) {
  entries_.erase(entry->key);
  order_.erase(entry);
}

}  // namespace carillon::directory
