// Accepts connections on one address for one loop.
#pragma once

#include <sys/socket.h>

#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/socket.h"

namespace carillon::net {

// Lives on its loop. When the process runs out of descriptors it stops accepting for
// kPauseMs, instead of spinning on a socket that stays ready; connections wait in the backlog.
class Listener final : public IoHandler, public TimerHandler {
 public:
  static constexpr uint64_t kPauseMs = 250;
  static constexpr int kAcceptsPerTurnMax = 256;

  using OnAccept = UniqueFunction<void(Fd, const sockaddr_storage&)>;
  using OnPause = UniqueFunction<void(bool is_paused, int reason)>;

  // `on_pause` is told when accepting stops for want of descriptors (`reason` is the errno) and
  // when it goes on.
  Listener(EventLoop& loop, Fd socket, OnAccept on_accept, OnPause on_pause);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Takes what is waiting in the backlog, then closes. Idempotent.
  void close();

  void on_ready(uint8_t readiness) override;
  void on_timer() override;

 private:
  enum class Accepted : uint8_t { kOne, kNone, kPaused };
  Accepted accept_one();
  // False when accepting had to pause.
  bool accept_some();
  void pause(int reason);

  EventLoop& loop_;
  Fd socket_;
  OnAccept on_accept_;
  OnPause on_pause_;
  TimerId timer_;
  bool is_paused_ = false;
};

}  // namespace carillon::net
