// One thread's life: wait for descriptors, call their handlers, fire timers, run what was posted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "carillon/base/bytes.h"
#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/base/unique_function.h"
#include "carillon/net/mailbox.h"
#include "carillon/net/owned_by_loop.h"
#include "carillon/net/poller.h"
#include "carillon/net/timer_wheel.h"

namespace carillon::net {

// Something whose destruction must wait for the end of the turn.
class Disposable {
 public:
  virtual ~Disposable() = default;
};

using Task = UniqueFunction<void()>;

// Work at the end of every turn. True: more is waiting, so the next turn must not block.
class TurnHandler {
 public:
  virtual bool on_turn_end() = 0;

 protected:
  ~TurnHandler() = default;
};

// Everything but post(), try_post(), wake() and stop() belongs to the thread inside run(), or to
// the one that builds it before.
class EventLoop {
 public:
  static constexpr size_t kReadBufferBytes = 64 * 1024;
  static constexpr size_t kPostedTasksMax = 65'536;

  // `clock` is borrowed for life.
  static Result<std::unique_ptr<EventLoop>, Error> make(const Clock& clock);
  ~EventLoop();

  // Returns after stop(). What was posted before is run first. May be called again.
  void run();
  void stop();

  // Any thread. try_post: false when kPostedTasksMax wait already, and the task is dropped.
  // post: for what its caller bounds (answers to requests, one a connection).
  [[nodiscard]] bool try_post(Task task);
  void post(Task task);
  // Any thread: makes the loop take a turn. From inside another loop's turn it is done once that
  // turn's handlers have run, so that all they posted is found together.
  void wake();

  Poller& poller() noexcept { return *poller_; }
  TimerWheel& timers() noexcept { return timers_; }
  const Clock& clock() const noexcept { return clock_; }
  // Monotonic milliseconds at the start of this turn.
  uint64_t now_ms() const noexcept { return now_ms_; }
  // One buffer for all reads of the loop; its contents end with the handler's call.
  MutableByteView read_buffer() noexcept { return {read_buffer_.get(), kReadBufferBytes}; }

  void destroy_later(std::unique_ptr<Disposable> object);
  // Destroys what waits for it. After run(): the end of each turn does it.
  void collect() { garbage_.clear(); }
  // Borrowed until run() returns.
  void set_turn_handler(TurnHandler* handler) noexcept { turn_handler_ = handler; }
  // Turns that took longer than `kTurnBudgetMs`: each made all other connections wait.
  uint64_t slow_turn_count() const noexcept {
    return slow_turn_count_.load(std::memory_order_relaxed);
  }
  static constexpr uint64_t kTurnBudgetMs = 50;

 private:
  class Waker final : public IoHandler {
   public:
    explicit Waker(int fd) : fd_(fd) {}
    void on_ready(uint8_t readiness) override;
    int fd() const noexcept { return fd_; }

   private:
    const int fd_;
  };

  EventLoop(const Clock& clock, std::unique_ptr<Poller> poller, int wake_fd);
  void run_posted();
  void turn(int timeout_ms);
  void write_wake();
  void wake_others();

  const Clock& clock_;
  std::unique_ptr<Poller> poller_;
  Waker waker_;
  uint64_t now_ms_;
  TimerWheel timers_;
  Mailbox<Task> posted_;
  std::vector<Task> running_tasks_;
  std::vector<std::unique_ptr<Disposable>> garbage_;
  std::vector<EventLoop*> to_wake_;  // at the end of this turn's handlers
  std::unique_ptr<std::byte[]> read_buffer_;
  std::array<ReadyEvent, 512> ready_{};
  TurnHandler* turn_handler_ = nullptr;
  bool has_more_work_ = false;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<uint64_t> slow_turn_count_ = 0;
  OwnedByLoop owned_;
};

}  // namespace carillon::net
