// Threads for work that must block (databases, password hashing), so that no loop ever does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "carillon/base/unique_function.h"

namespace carillon::net {

class BlockingPool {
 public:
  BlockingPool(size_t thread_count, size_t queued_count_max);
  // Finishes what is queued, then joins.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Any thread. False when `queued_count_max` jobs wait already: the caller answers 503. A job
  // hands its result back with EventLoop::post.
  [[nodiscard]] bool submit(UniqueFunction<void()> job);

 private:
  void work();

  const size_t queued_count_max_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<UniqueFunction<void()>> queue_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace carillon::net
