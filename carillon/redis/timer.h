// A timer of a loop that calls a function, for objects with more than one.
#pragma once

#include <cstdint>
#include <utility>

#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"

namespace carillon::redis {

// On the loop's thread. It may be destroyed by the function that it calls only where the caller is
// handed to the loop (see Connection), for the function is then still running.
class Timer final : public net::TimerHandler {
 public:
  Timer(net::EventLoop& loop, UniqueFunction<void()> on_due)
      : loop_(loop), on_due_(std::move(on_due)), id_(loop.timers().add(*this)) {}
  ~Timer() { loop_.timers().remove(id_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // (Re)starts it.
  void schedule_in(uint64_t ms) { schedule_at(loop_.clock().monotonic_ms() + ms); }
  void schedule_at(uint64_t deadline_ms) {
    deadline_ms_ = deadline_ms;
    loop_.timers().schedule(id_, deadline_ms);
  }
  // As schedule_at(), but never moves a running timer to a later time: whoever is called too early
  // looks and schedules again.
  void schedule_by(uint64_t deadline_ms) {
    if (deadline_ms < deadline_ms_) schedule_at(deadline_ms);
  }
  void cancel() {
    deadline_ms_ = kNever;
    loop_.timers().cancel(id_);
  }
  bool is_running() const noexcept { return deadline_ms_ != kNever; }

  void on_timer() override {
    deadline_ms_ = kNever;
    on_due_();
  }

 private:
  static constexpr uint64_t kNever = UINT64_MAX;

  net::EventLoop& loop_;
  UniqueFunction<void()> on_due_;
  const net::TimerId id_;
  uint64_t deadline_ms_ = kNever;
};

}  // namespace carillon::redis
