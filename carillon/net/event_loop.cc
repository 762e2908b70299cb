#include "carillon/net/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace carillon::net {
namespace {

// The loop whose run() this thread is in: what it wakes may wait for the end of its turn.
thread_local EventLoop* t_running = nullptr;

}  // namespace

Result<std::unique_ptr<EventLoop>, Error> EventLoop::make(const Clock& clock) {
  CARILLON_TRY(auto poller, make_epoll_poller());
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) {
    return Err(Error{"eventfd", std::string("cannot create an eventfd: ") + std::strerror(errno)});
  }
  return std::unique_ptr<EventLoop>(new EventLoop(clock, std::move(poller), fd));
}

EventLoop::EventLoop(const Clock& clock, std::unique_ptr<Poller> poller, int wake_fd)
    : clock_(clock),
      poller_(std::move(poller)),
      waker_(wake_fd),
      now_ms_(clock.monotonic_ms()),
      timers_(now_ms_),
      posted_(kPostedTasksMax),
      read_buffer_(new std::byte[kReadBufferBytes]) {
  poller_->watch(wake_fd, waker_, kReadable);
}

EventLoop::~EventLoop() {
  ::close(waker_.fd());
}

void EventLoop::Waker::on_ready(uint8_t) {
  uint64_t count;
  (void)!::read(fd_, &count, sizeof count);  // only its readiness matters
}

void EventLoop::wake() {
  if (t_running != nullptr) return t_running->to_wake_.push_back(this);
  write_wake();
}

void EventLoop::wake_others() {
  for (EventLoop* loop : to_wake_) loop->write_wake();
  to_wake_.clear();
}

void EventLoop::write_wake() {
  const uint64_t one = 1;
  (void)!::write(waker_.fd(), &one, sizeof one);  // full means that it is awake already
}

bool EventLoop::try_post(Task task) {
  switch (posted_.push(std::move(task))) {
    case Mailbox<Task>::Push::kFull:
      return false;
    case Mailbox<Task>::Push::kQueuedFirst:
      wake();
      return true;
    case Mailbox<Task>::Push::kQueued:
      return true;
  }
  return false;
}

void EventLoop::post(Task task) {
  if (posted_.push_always(std::move(task)) == Mailbox<Task>::Push::kQueuedFirst) wake();
}

void EventLoop::stop() {
  is_stopping_.store(true, std::memory_order_release);
  write_wake();
}

void EventLoop::destroy_later(std::unique_ptr<Disposable> object) {
  owned_.check();
  garbage_.push_back(std::move(object));
}

void EventLoop::run_posted() {
  posted_.take_all(running_tasks_);
  for (Task& task : running_tasks_) task();
  running_tasks_.clear();
}

void EventLoop::turn(int timeout_ms) {
  const size_t ready_count = poller_->wait(timeout_ms, ready_);
  now_ms_ = clock_.monotonic_ms();
  for (size_t i = 0; i < ready_count; ++i) ready_[i].handler->on_ready(ready_[i].readiness);
  run_posted();
  timers_.advance(now_ms_);
  wake_others();
  has_more_work_ = turn_handler_ != nullptr && turn_handler_->on_turn_end();
  wake_others();
  garbage_.clear();
  const uint64_t end_ms = clock_.monotonic_ms();
  if (end_ms - now_ms_ > kTurnBudgetMs) {
    slow_turn_count_.store(slow_turn_count() + 1, std::memory_order_relaxed);
  }
}

void EventLoop::run() {
  owned_.adopt();
  t_running = this;
  while (!is_stopping_.load(std::memory_order_acquire)) {
    turn(has_more_work_ ? 0 : timers_.next_timeout_ms(clock_.monotonic_ms()));
  }
  run_posted();
  wake_others();
  t_running = nullptr;
  garbage_.clear();
  is_stopping_.store(false, std::memory_order_release);
}

}  // namespace carillon::net
