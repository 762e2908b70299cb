#include "carillon/net/listener.h"

#include <cerrno>

namespace carillon::net {

Listener::Listener(EventLoop& loop, Fd socket, OnAccept on_accept, OnPause on_pause)
    : loop_(loop),
      socket_(std::move(socket)),
      on_accept_(std::move(on_accept)),
      on_pause_(std::move(on_pause)),
      timer_(loop.timers().add(*this)) {
  loop_.poller().watch(socket_.get(), *this, kReadable);
}

Listener::~Listener() {
  if (socket_.is_open()) loop_.poller().forget(socket_.get());
  loop_.timers().remove(timer_);
}

void Listener::close() {
  if (!socket_.is_open()) return;
  while (accept_one() == Accepted::kOne) {
  }
  loop_.poller().forget(socket_.get());
  loop_.timers().cancel(timer_);
  socket_ = Fd();
}

void Listener::on_ready(uint8_t) {
  if (socket_.is_open() && !is_paused_) (void)accept_some();  // a pause is known by is_paused_
}

bool Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurnMax; ++i) {
    switch (accept_one()) {
      case Accepted::kOne:
        continue;
      case Accepted::kNone:
        return true;
      case Accepted::kPaused:
        return false;
    }
  }
  return true;
}

Listener::Accepted Listener::accept_one() {
  sockaddr_storage peer;
  socklen_t length = sizeof peer;
  const int fd = ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    on_accept_(Fd(fd), peer);
    return Accepted::kOne;
  }
  const int reason = errno;
  // The peer gave up while it waited: not our trouble, look at the next one (accept(2)).
  if (reason == ECONNABORTED || reason == EINTR || reason == EPROTO) return Accepted::kOne;
  if (reason == EAGAIN || reason == EWOULDBLOCK) return Accepted::kNone;
  pause(reason);
  return Accepted::kPaused;
}

void Listener::pause(int reason) {
  loop_.timers().schedule(timer_, loop_.now_ms() + kPauseMs);
  if (is_paused_) return;
  is_paused_ = true;
  loop_.poller().change(socket_.get(), *this, kNothing);
  on_pause_(true, reason);
}

void Listener::on_timer() {
  if (!socket_.is_open() || !accept_some()) return;
  is_paused_ = false;
  loop_.poller().change(socket_.get(), *this, kReadable);
  on_pause_(false, 0);
}

}  // namespace carillon::net
