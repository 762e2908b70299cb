// The only way from one loop to another: a bounded queue with many writers and one reader.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace carillon::net {

// Any thread may push; one thread takes. Items are values, or shared immutable payloads.
template <class T>
class Mailbox {
 public:
  enum class Push { kFull, kQueued, kQueuedFirst };

  explicit Mailbox(size_t item_count_max) : item_count_max_(item_count_max) {}

  // kQueuedFirst: it was empty, and the reader must be woken. kFull: `item` was not taken.
  Push push(T&& item) {
    const std::lock_guard lock(mutex_);
    if (items_.size() >= item_count_max_) return Push::kFull;
    items_.push_back(std::move(item));
    return items_.size() == 1 ? Push::kQueuedFirst : Push::kQueued;
  }

  // Past the bound too: for what is bounded by something else, which the caller names.
  Push push_always(T&& item) {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    return items_.size() == 1 ? Push::kQueuedFirst : Push::kQueued;
  }

  // Swaps everything queued into `out`, which must be empty; its capacity is used again.
  void take_all(std::vector<T>& out) {
    const std::lock_guard lock(mutex_);
    items_.swap(out);
  }

 private:
  const size_t item_count_max_;
  std::mutex mutex_;
  std::vector<T> items_;
};

}  // namespace carillon::net
