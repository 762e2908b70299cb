#include "carillon/server/drain.h"

#include <algorithm>

namespace carillon::server {

Drain::Drain(net::EventLoop& loop,
             session::SessionTable<session::WsSession>& sessions,
             uint64_t window_ms,
             UniqueFunction<void()> before_slice)
    : loop_(loop),
      sessions_(sessions),
      timer_(loop.timers().add(*this)),
      slices_left_(window_ms / kSliceMs + 1),
      before_slice_(std::move(before_slice)) {
  on_timer();
}

Drain::~Drain() {
  loop_.timers().remove(timer_);
}

void Drain::on_timer() {
  before_slice_();
  const size_t slots_left = sessions_.slot_count() - std::min(position_, sessions_.slot_count());
  size_t budget = slices_left_ > 1 ? (slots_left + slices_left_ - 1) / slices_left_ : slots_left;
  for (; budget > 0; --budget, ++position_) {
    if (session::WsSession* session = sessions_.at(position_)) {
      session->close(ws::CloseCode::kRestart);
    }
  }
  if (--slices_left_ > 0) loop_.timers().schedule(timer_, loop_.now_ms() + kSliceMs);
}

}  // namespace carillon::server
