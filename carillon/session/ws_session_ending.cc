// How a WsSession is watched, and how it ends.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "carillon/session/ws_session_detail.h"
#include "carillon/ws/frame_writer.h"

namespace carillon::session {
namespace {

// A peer that answers no ping will not answer a close either.
constexpr uint64_t kUnresponsiveResetMs = 1'000;

}  // namespace

void WsSession::close(ws::CloseCode code, std::string_view reason) {
  if (state_ == State::kConnecting) return deny(403, "The connection was refused.", "refused");
  if (state_ == State::kOpen) begin_closing(State::kClosing, code, reason);
}

void WsSession::begin_closing(State state, ws::CloseCode code, std::string_view reason) {
  held_.reset();
  if (burst_ != nullptr) {
    spill_burst(0);
    if (state_ != State::kOpen) return;  // it overflowed, and closes for that
  }
  state_ = state;
  close_code_ = static_cast<uint16_t>(code);
  context_.hub.leave_all(*this, [this](std::string_view group) {
    context_.process.node.unwant(context_.worker, std::string(group));
  });
  if (queue_ == nullptr) queue_ = std::make_unique<SendQueue>();
  // An answer repeats the peer's code alone (§5.5.1).
  if (reason.empty() && state != State::kAnswering) reason = ws::slug(code);
  queue_->push_always(make_frame_ptr(ws::make_close_frame(close_code_, reason)));
  const bool is_unresponsive = code == ws::CloseCode::kTimeout;
  deadline_ms_ = context_.loop.now_ms() +
                 (is_unresponsive ? kUnresponsiveResetMs : context_.limits().close_timeout_ms);
  update_interest();
  schedule();
  if (!is_blocked()) mark();
}

void WsSession::reset() {
  const linger abort{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  finish(close_code_ != 0 ? close_code_ : kAbnormal);
}

void WsSession::finish(uint16_t code) {
  if (state_ == State::kFinished) return;
  const bool was_open =
      state_ != State::kConnecting && !(state_ == State::kAnswering && close_code_ == 0);
  state_ = State::kFinished;
  if (close_code_ != 0) code = close_code_;
  if (was_open) {
    context_.metrics.connections(endpoint_.options().name).add(-1);
    context_.metrics.closed(code).add();
  }
  if (consumer_ != nullptr) guarded([&] { consumer_->disconnect(code); });
  context_.hub.leave_all(*this, [this](std::string_view group) {
    context_.process.node.unwant(context_.worker, std::string(group));
  });
  Admission& admission = context_.process.admission;
  if (is_user_counted_) {
    admission.leave_user(identity_.user_id, {static_cast<uint32_t>(context_.worker), id_});
  }
  admission.leave(address_ != nullptr ? *address_ : sockaddr_storage{});
  context_.loop.timers().remove(timer_);
  context_.loop.poller().forget(fd_);
  ::close(fd_);
  context_.loop.destroy_later(context_.ws_sessions.remove(id_));
}

uint64_t WsSession::next_deadline_ms() const {
  if (state_ != State::kOpen) return deadline_ms_;
  const auto& limits = context_.limits();
  uint64_t deadline_ms = end_ms_;
  if (is_blocked()) {
    deadline_ms = std::min(deadline_ms, progress_ms_ + limits.send_timeout_ms);
  } else if (is_pinged_) {
    deadline_ms = std::min(deadline_ms, deadline_ms_);
  } else {
    // Up to a fifth early, so that connections of one moment do not ping at one moment.
    const uint64_t early_ms = context_.random.below(limits.ping_interval_ms / 5 + 1);
    deadline_ms = std::min(deadline_ms, alive_ms_ + limits.ping_interval_ms - early_ms);
  }
  return deadline_ms;
}

void WsSession::schedule() {
  if (state_ != State::kFinished) context_.loop.timers().schedule(timer_, next_deadline_ms());
}

void WsSession::on_timer() {
  const uint64_t now_ms = context_.loop.now_ms();
  const auto& limits = context_.limits();
  switch (state_) {
    case State::kFinished:
      return;
    case State::kConnecting:
      return deny(503, "The server is busy.", "unavailable");
    case State::kClosing:
    case State::kAnswering:
    case State::kFailed: {
      const bool must_reset = queue_ != nullptr || close_code_ == 4408 || close_code_ == 4430;
      if (must_reset) return reset();
      ::shutdown(fd_, SHUT_WR);
      return finish(close_code_);
    }
    case State::kOpen:
      break;
  }
  if (now_ms >= end_ms_) {
    if (ends_with_token_) return close(ws::CloseCode::kUnauthenticated, "token_expired");
    return close(ws::CloseCode::kGoingAway);
  }
  if (is_blocked()) {
    if (now_ms >= progress_ms_ + limits.send_timeout_ms) return on_overflow(0);
  } else if (is_pinged_) {
    if (now_ms >= deadline_ms_) return close(ws::CloseCode::kTimeout);
  } else if (now_ms + limits.ping_interval_ms / 5 >= alive_ms_ + limits.ping_interval_ms) {
    ping();
  }
  schedule();
}

void WsSession::ping() {
  static const fanout::FramePtr frame = make_frame_ptr(ws::make_frame(ws::Opcode::kPing, {}));
  is_pinged_ = true;
  deadline_ms_ = context_.loop.now_ms() + context_.limits().ping_timeout_ms;
  queue(frame, 0);
}

bool WsSession::may_discard(size_t byte_count) {
  discarded_bytes_ += static_cast<uint32_t>(byte_count);
  if (discarded_bytes_ <= kDiscardBytesMax) return true;
  if (queue_ != nullptr) {
    reset();
  } else {
    ::shutdown(fd_, SHUT_WR);
    finish(close_code_);
  }
  return false;
}

void WsSession::on_peer_close(std::string_view payload) {
  if (state_ == State::kClosing) {
    // Ours has gone out before or is on its way: once it has, both sides are done.
    state_ = State::kAnswering;
    if (queue_ == nullptr) on_flushed();
    return;
  }
  const auto parsed = ws::parse_close_payload(payload);
  const uint16_t code = parsed ? parsed->code : static_cast<uint16_t>(ws::CloseCode::kProtocol);
  begin_closing(State::kAnswering, static_cast<ws::CloseCode>(code), {});
}

}  // namespace carillon::session
