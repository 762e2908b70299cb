#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "carillon/net/poller.h"

namespace carillon::net {
namespace {

uint32_t to_epoll(uint8_t interest) noexcept {
  uint32_t events = EPOLLRDHUP;
  if (interest & kReadable) events |= EPOLLIN;
  if (interest & kWritable) events |= EPOLLOUT;
  // A paused reader must not be woken again and again for a peer that has half-closed.
  if (!(interest & kReadable)) events &= ~static_cast<uint32_t>(EPOLLRDHUP);
  return events;
}

uint8_t from_epoll(uint32_t events) noexcept {
  uint8_t readiness = kNothing;
  if (events & (EPOLLIN | EPOLLRDHUP)) readiness |= kReadable;
  if (events & EPOLLOUT) readiness |= kWritable;
  if (events & (EPOLLERR | EPOLLHUP)) readiness |= kBroken;
  return readiness;
}

class EpollPoller final : public Poller {
 public:
  explicit EpollPoller(int fd) : epoll_fd_(fd) {}
  ~EpollPoller() override { ::close(epoll_fd_); }
  EpollPoller(const EpollPoller&) = delete;
  EpollPoller& operator=(const EpollPoller&) = delete;

  void watch(int fd, IoHandler& handler, uint8_t interest) override {
    control(EPOLL_CTL_ADD, fd, &handler, interest);
  }
  void change(int fd, IoHandler& handler, uint8_t interest) override {
    control(EPOLL_CTL_MOD, fd, &handler, interest);
  }
  void forget(int fd) override { epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr); }

  size_t wait(int timeout_ms, std::span<ReadyEvent> ready) override {
    const int room = static_cast<int>(std::min(events_.size(), ready.size()));
    const int count = epoll_wait(epoll_fd_, events_.data(), room, timeout_ms);
    if (count < 0) {
      CARILLON_ASSERT(errno == EINTR);
      return 0;
    }
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      ready[i] = {static_cast<IoHandler*>(events_[i].data.ptr), from_epoll(events_[i].events)};
    }
    return static_cast<size_t>(count);
  }

  void send(std::span<SendRequest> batch) override {
    for (SendRequest& request : batch) {
      request.result = send_one(request);
      if (request.result < 0) request.result = -errno;
    }
  }

 private:
  static ssize_t send_one(const SendRequest& request) noexcept {
    constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (request.buffer_count == 1) {
      return ::send(request.fd, request.buffers->iov_base, request.buffers->iov_len, kFlags);
    }
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(request.buffers);
    message.msg_iovlen = request.buffer_count;
    return ::sendmsg(request.fd, &message, kFlags);
  }

  void control(int operation, int fd, IoHandler* handler, uint8_t interest) {
    epoll_event event{};
    event.events = to_epoll(interest);
    event.data.ptr = handler;
    const int result = epoll_ctl(epoll_fd_, operation, fd, &event);
    CARILLON_ASSERT(result == 0);
  }

  int epoll_fd_;
  std::array<epoll_event, 512> events_{};
};

}  // namespace

Result<std::unique_ptr<Poller>, Error> make_epoll_poller() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) {
    return Err(
        Error{"epoll", std::string("cannot create an epoll instance: ") + std::strerror(errno)});
  }
  return std::unique_ptr<Poller>(std::make_unique<EpollPoller>(fd));
}

}  // namespace carillon::net
