// Sends a worker's connections away in even slices, so that they do not all come back at once.
#pragma once

#include <cstdint>

#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/session/session_table.h"
#include "carillon/session/ws_session.h"

namespace carillon::server {

// On the worker's loop. Each connection is closed with 1012.
class Drain final : public net::TimerHandler {
 public:
  static constexpr uint64_t kSliceMs = 100;

  // `before_slice` hands out every event that has been accepted: it comes before the close. The
  // others are borrowed for life.
  Drain(net::EventLoop& loop,
        session::SessionTable<session::WsSession>& sessions,
        uint64_t window_ms,
        UniqueFunction<void()> before_slice);
  ~Drain();
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  void on_timer() override;

 private:
  net::EventLoop& loop_;
  session::SessionTable<session::WsSession>& sessions_;
  net::TimerId timer_;
  uint64_t slices_left_;
  UniqueFunction<void()> before_slice_;
  size_t position_ = 0;  // the next slot of the table
};

}  // namespace carillon::server
