#include "carillon/net/blocking_pool.h"

#include <utility>

namespace carillon::net {

BlockingPool::BlockingPool(size_t thread_count, size_t queued_count_max)
    : queued_count_max_(queued_count_max) {
  threads_.reserve(thread_count);
  for (size_t i = 0; i < thread_count; ++i) threads_.emplace_back([this] { work(); });
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool BlockingPool::submit(UniqueFunction<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queued_count_max_) return false;
    queue_.push_back(std::move(job));
  }
  wanted_.notify_one();
  return true;
}

void BlockingPool::work() {
  for (;;) {
    UniqueFunction<void()> job;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

}  // namespace carillon::net
