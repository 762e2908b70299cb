#include "carillon/net/event_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "carillon/net/socket.h"

namespace carillon::net {
namespace {

class EventLoopTest : public testing::Test {
 protected:
  EventLoopTest() {
    auto loop = EventLoop::make(clock_);
    EXPECT_TRUE(loop);
    loop_ = std::move(*loop);
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_;
};

TEST_F(EventLoopTest, RunsTasksInTheOrderOfPosting) {
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    if (i % 2 == 0) {
      loop_->post([&order, i] { order.push_back(i); });
    } else {
      EXPECT_TRUE(loop_->try_post([&order, i] { order.push_back(i); }));
    }
  }
  loop_->post([this] { loop_->stop(); });
  loop_->run();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

TEST_F(EventLoopTest, RunsWhatWasPostedBeforeStop) {
  int run_count = 0;
  loop_->post([&] { ++run_count; });
  loop_->stop();
  loop_->run();
  EXPECT_EQ(run_count, 1);
}

TEST_F(EventLoopTest, RunsAgainAfterStop) {
  std::vector<int> order;
  for (int i = 0; i < 2; ++i) {
    loop_->post([&, i] {
      loop_->post([&, i] {
        order.push_back(i);
        loop_->stop();
      });
    });
    loop_->run();
  }
  EXPECT_EQ(order, (std::vector{0, 1}));
}

TEST_F(EventLoopTest, RunsWhatATaskPosts) {
  std::vector<int> order;
  loop_->post([&] {
    loop_->post([&] {
      order.push_back(3);
      loop_->stop();
    });
    order.push_back(1);
  });
  loop_->post([&] { order.push_back(2); });
  loop_->run();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST_F(EventLoopTest, RefusesTasksPastTheBound) {
  size_t run_count = 0;
  for (size_t i = 0; i < EventLoop::kPostedTasksMax; ++i) {
    ASSERT_TRUE(loop_->try_post([&] { ++run_count; }));
  }
  EXPECT_FALSE(loop_->try_post([] { ADD_FAILURE() << "a refused task was run"; }));
  loop_->post([&] { ++run_count; });
  loop_->stop();
  loop_->run();
  EXPECT_EQ(run_count, EventLoop::kPostedTasksMax + 1);
}

TEST_F(EventLoopTest, TakesTasksFromOtherThreads) {
  constexpr int kThreadCount = 4;
  constexpr int kTaskCount = 2'000;
  int run_count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreadCount; ++i) {
    threads.emplace_back([&] {
      for (int task = 0; task < kTaskCount; ++task) {
        loop_->post([&] {
          if (++run_count == kThreadCount * kTaskCount) loop_->stop();
        });
      }
    });
  }
  loop_->run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(run_count, kThreadCount * kTaskCount);
}

class Collected final : public Disposable {
 public:
  explicit Collected(bool& is_gone) : is_gone_(is_gone) {}
  ~Collected() override { is_gone_ = true; }

 private:
  bool& is_gone_;
};

TEST_F(EventLoopTest, DestroysAtTheEndOfTheTurn) {
  bool is_gone = false;
  loop_->post([&] {
    loop_->destroy_later(std::make_unique<Collected>(is_gone));
    EXPECT_FALSE(is_gone);
    loop_->post([&] {
      EXPECT_TRUE(is_gone);
      loop_->stop();
    });
  });
  loop_->run();
}

TEST_F(EventLoopTest, DestroysWhatTheLastTasksLeave) {
  bool is_gone = false;
  loop_->post([&] { loop_->destroy_later(std::make_unique<Collected>(is_gone)); });
  loop_->stop();
  loop_->run();
  EXPECT_TRUE(is_gone);
}

// Ends its loop after some turns.
class Turns final : public TurnHandler {
 public:
  Turns(EventLoop& loop, int count) : loop_(loop), count_(count) {}
  bool on_turn_end() override {
    if (--count_ == 0) loop_.stop();
    return count_ > 0;
  }

 private:
  EventLoop& loop_;
  int count_;
};

TEST_F(EventLoopTest, DoesNotBlockWhileTheTurnHandlerHasMore) {
  Turns turns(*loop_, 5);
  loop_->set_turn_handler(&turns);
  loop_->post([] {});
  loop_->run();  // with nothing to wake it after the first turn
}

TEST_F(EventLoopTest, CountsTurnsThatTakeTooLong) {
  loop_->post([this] {
    clock_.advance_ms(EventLoop::kTurnBudgetMs);
    loop_->post([this] {
      EXPECT_EQ(loop_->slow_turn_count(), 0u) << "just the budget";
      clock_.advance_ms(EventLoop::kTurnBudgetMs + 1);
      loop_->stop();
    });
  });
  loop_->run();
  EXPECT_EQ(loop_->slow_turn_count(), 1u);
}

class Alarm final : public TimerHandler {
 public:
  explicit Alarm(EventLoop& loop) : loop_(loop) {}
  void on_timer() override { loop_.stop(); }

 private:
  EventLoop& loop_;
};

TEST_F(EventLoopTest, FiresTimersByItsClock) {
  Alarm alarm(*loop_);
  const TimerId id = loop_->timers().add(alarm);
  loop_->timers().schedule(id, clock_.monotonic_ms() + 60'000);
  loop_->post([this] { clock_.advance_ms(60'100); });
  loop_->post([this] { loop_->wake(); });
  loop_->run();
  EXPECT_EQ(loop_->timers().running_count(), 0u);
}

// Reads what comes, and ends the loop.
class Reader final : public IoHandler {
 public:
  Reader(EventLoop& loop, int fd) : loop_(loop), fd_(fd) {}
  void on_ready(uint8_t readiness) override {
    seen_readiness |= readiness;
    const MutableByteView buffer = loop_.read_buffer();
    const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
    if (count > 0) text += as_text(buffer.first(static_cast<size_t>(count)));
    if (count == 0) loop_.stop();
  }

  std::string text;
  uint8_t seen_readiness = 0;

 private:
  EventLoop& loop_;
  int fd_;
};

TEST_F(EventLoopTest, CallsTheHandlerOfAReadyDescriptor) {
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
  const Fd near(fds[0]);
  Fd far(fds[1]);
  Reader reader(*loop_, near.get());
  loop_->poller().watch(near.get(), reader, kReadable);
  std::array buffers = {iovec{const_cast<char*>("hello "), 6}, iovec{const_cast<char*>("you"), 3}};
  std::array<SendRequest, 2> batch = {
      SendRequest{.fd = far.get(), .buffer_count = 2, .buffers = buffers.data()},
      SendRequest{.fd = -1, .buffer_count = 1, .buffers = buffers.data()}};
  loop_->poller().send(batch);
  EXPECT_EQ(batch[0].result, 9);
  EXPECT_EQ(batch[1].result, -EBADF);
  far = Fd();
  loop_->run();
  EXPECT_EQ(reader.text, "hello you");
  EXPECT_TRUE(reader.seen_readiness & kReadable);
  loop_->poller().forget(near.get());
}

}  // namespace
}  // namespace carillon::net
