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

  // Asks after every turn, and now and then in between: what is awaited may happen elsewhere. False
  // when a time has passed in which it should have become true on the slowest machine.
  [[nodiscard]] bool run_until(std::function<bool()> is_done) {
    is_done_ = std::move(is_done);
    is_true_ = false;
    deadline_ms_ = loop_->clock().monotonic_ms() + kPatienceMs;
    loop_->post([] {});  // it may be true already
    on_timer();
    loop_->run();
    loop_->timers().cancel(timer_);
    is_done_ = nullptr;
    return is_true_;
  }

 private:
  static constexpr uint64_t kPatienceMs = 60'000;
  static constexpr uint64_t kAskingMs = 20;

  bool on_turn_end() override {
    is_true_ = is_done_ && is_done_();
    if (is_true_) loop_->stop();
    return false;
  }
  void on_timer() override {
    const uint64_t now_ms = loop_->clock().monotonic_ms();
    if (now_ms >= deadline_ms_) return loop_->stop();
    loop_->timers().schedule(timer_, now_ms + kAskingMs);
  }

  std::unique_ptr<EventLoop> loop_;
  TimerId timer_ = kNoTimer;
  std::function<bool()> is_done_;
  uint64_t deadline_ms_ = 0;
  bool is_true_ = false;
};

}  // namespace carillon::net
