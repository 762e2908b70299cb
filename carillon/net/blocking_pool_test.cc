#include "carillon/net/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <thread>

#include "carillon/net/event_loop.h"

namespace carillon::net {
namespace {

TEST(BlockingPool, RunsAJobOnAnotherThread) {
  BlockingPool pool(1, 10);
  std::promise<std::thread::id> ran_on;
  ASSERT_TRUE(pool.submit([&] { ran_on.set_value(std::this_thread::get_id()); }));
  EXPECT_NE(ran_on.get_future().get(), std::this_thread::get_id());
}

TEST(BlockingPool, QueuesJustItsBound) {
  std::latch has_begun(1);
  std::latch may_end(1);
  std::atomic<int> run_count = 0;
  {
    BlockingPool pool(1, 2);
    ASSERT_TRUE(pool.submit([&] {
      has_begun.count_down();
      may_end.wait();
    }));
    has_begun.wait();  // taken from the queue: its places are free
    EXPECT_TRUE(pool.submit([&] { ++run_count; }));
    EXPECT_TRUE(pool.submit([&] { ++run_count; }));
    EXPECT_FALSE(pool.submit([] { ADD_FAILURE() << "a refused job was run"; }));
    may_end.count_down();
  }
  EXPECT_EQ(run_count, 2) << "the destructor finishes what is queued";
}

TEST(BlockingPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  constexpr int kThreadCount = 3;
  std::latch all_at_work(kThreadCount);
  BlockingPool pool(kThreadCount, 10);
  for (int i = 0; i < kThreadCount; ++i) {
    ASSERT_TRUE(pool.submit([&] { all_at_work.arrive_and_wait(); }));
  }
  all_at_work.wait();
}

TEST(BlockingPool, TakesJobsThatOnlyMove) {
  std::promise<int> result;
  BlockingPool pool(1, 10);
  ASSERT_TRUE(pool.submit([&, value = std::make_unique<int>(7)] { result.set_value(*value); }));
  EXPECT_EQ(result.get_future().get(), 7);
}

TEST(BlockingPool, HandsAResultBackToALoop) {
  auto loop = EventLoop::make(system_clock());
  ASSERT_TRUE(loop);
  int result = 0;
  BlockingPool pool(1, 10);
  ASSERT_TRUE(pool.submit([&] {
    (*loop)->post([&, answer = 42] {
      result = answer;
      (*loop)->stop();
    });
  }));
  (*loop)->run();
  EXPECT_EQ(result, 42);
}

}  // namespace
}  // namespace carillon::net
