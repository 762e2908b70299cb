// A loop for tests with real sockets: it runs until something is true.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "carillon/base/clock.h"
#include "carillon/net/event_loop.h"

namespace carillon::net {

// On the machine's clock, driven by the test's thread.
class RunningLoop final : private TurnHandler, private TimerHandler {
 public:
  RunningLoop() {
    auto made = EventLoop::make(system_clock());
    EXPECT_TRUE(made);
    loop_ = std::move(*made);
    loop_->set_turn_handler(this);
    timer_ = loop_->timers().add(*this);
  }
  EventLoop& loop() { return *loop_; }

  // False when a time has passed in which it should have become true on the slowest machine.
  [[nodiscard]] bool run_until(std::function<bool()> is_done) {
    constexpr uint64_t kPatienceMs = 60'000;
    is_done_ = std::move(is_done);
    loop_->timers().schedule(timer_, loop_->clock().monotonic_ms() + kPatienceMs);
    loop_->post([] {});  // it may be true already
    loop_->run();
    loop_->timers().cancel(timer_);
    return std::exchange(is_done_, nullptr)();
  }

 private:
  bool on_turn_end() override {
    if (is_done_ && is_done_()) loop_->stop();
    return false;
  }
  void on_timer() override { loop_->stop(); }

  std::unique_ptr<EventLoop> loop_;
  TimerId timer_ = kNoTimer;
  std::function<bool()> is_done_;
};

}  // namespace carillon::net
