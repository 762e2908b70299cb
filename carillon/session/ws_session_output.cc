// WsSession's way out: events and answers to frames, frames to the socket.
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "carillon/session/ws_session_detail.h"

namespace carillon::session {

void WsSession::deliver(fanout::Delivery& delivery) {
  if (state_ == State::kConnecting || held_ != nullptr) return hold(delivery.shared_event());
  if (state_ != State::kOpen) return;
  if (!endpoint_.relays(delivery.event().type)) return context_.metrics.events_unlisted.add();
  context_.metrics.events_delivered.add();
  if (!endpoint_.options().is_relay) {
    return guarded([&] { consumer_->event(delivery.shared_event()); });
  }
  const fanout::FramePtr& frame = delivery.frame(form_);
  const uint32_t state_key = delivery.event().state_key;
  if (queue_ != nullptr) return queue(frame, state_key);
  burst_ = context_.flusher.bursts().extend(burst_, frame, state_key, form_);
  if (is_in_round_) return;
  is_in_round_ = true;
  context_.flusher.mark_round(id_);
}

void WsSession::on_gap() {
  if (state_ == State::kConnecting) return deny(503, "The server is busy.", "unavailable");
  close(ws::CloseCode::kOverloaded);
}

void WsSession::hold(const fanout::PreparedEventPtr& event) {
  if (held_->events.size() < context_.limits().send_queue_frames_max) {
    held_->events.push_back(event);
    return;
  }
  // Refused, or sent away, rather than let go on with a hole that it does not know of.
  context_.metrics.frames_dropped.add(held_->events.size() + 1);
  on_gap();
}

void WsSession::release_held() {
  if (held_ == nullptr || state_ == State::kConnecting) return;
  const std::unique_ptr<Held> held = std::exchange(held_, nullptr);
  for (const auto& event : held->events) {
    if (state_ != State::kOpen) return;
    if (!endpoint_.relays(event->type)) {
      context_.metrics.events_unlisted.add();
      continue;
    }
    context_.metrics.events_delivered.add();
    if (endpoint_.options().is_relay) {
      send_event(event);
    } else {
      guarded([&] { consumer_->event(event); });
    }
  }
  if (state_ == State::kOpen && !held->input.empty()) {
    feed({reinterpret_cast<std::byte*>(held->input.data()), held->input.size()});
  }
}

void WsSession::send(std::string_view text) {
  if (state_ != State::kOpen) return;
  queue(fanout::make_text_frame(text, form_, context_.hub.deflater()), 0);
}

void WsSession::send_bytes(ByteView bytes) {
  if (state_ != State::kOpen) return;
  queue(fanout::make_binary_frame(as_text(bytes), form_, context_.hub.deflater()), 0);
}

void WsSession::send_frame(const fanout::FramePtr& frame, uint32_t state_key) {
  if (state_ == State::kOpen) queue(frame, state_key);
}

void WsSession::send_event(const fanout::PreparedEventPtr& event) {
  if (state_ != State::kOpen) return;
  fanout::Delivery delivery(event, context_.hub.deflater());
  queue(delivery.frame(form_), event->state_key);
}

void WsSession::queue(const fanout::FramePtr& frame, uint32_t state_key) {
  if (burst_ != nullptr) spill_burst(0);
  if (state_ != State::kOpen) return;
  if (queue_ == nullptr) queue_ = std::make_unique<SendQueue>();
  if (!queue_->push(frame, state_key, queue_limits())) return on_overflow(1);
  if (!is_blocked()) mark();
}

void WsSession::spill_burst(size_t sent_bytes) {
  std::vector<const Burst*> frames;
  burst_->list(frames);
  burst_ = nullptr;
  queue_ = std::make_unique<SendQueue>();
  size_t skipped = sent_bytes;
  for (size_t i = 0; i < frames.size(); ++i) {
    const Burst* burst = frames[i];
    if (skipped >= burst->frame->size()) {
      skipped -= burst->frame->size();
      context_.metrics.frames_sent.add();
    } else if (skipped > 0) {
      queue_->push_begun(burst->frame, skipped);
      skipped = 0;
    } else if (!queue_->push(burst->frame, burst->state_key, queue_limits())) {
      return on_overflow(frames.size() - i);
    }
  }
}

void WsSession::on_overflow(size_t refused_count) {
  context_.metrics.frames_dropped.add(queue_->drop_unbegun() + refused_count);
  begin_closing(State::kClosing, ws::CloseCode::kSlowConsumer);
}

void WsSession::mark() {
  if (is_marked_ || (held_ != nullptr && held_->unjoined_count > 0)) return;
  is_marked_ = true;
  context_.flusher.mark_answer(id_);
}

bool WsSession::prepare_send(std::span<iovec> buffers, net::SendRequest& request) {
  is_marked_ = false;
  is_in_round_ = false;
  release_held();
  if (state_ == State::kFinished) return false;
  size_t count = 0;
  if (queue_ != nullptr) {
    count = queue_->fill(buffers);
  } else if (burst_ != nullptr) {
    const std::string& bytes = burst_->bytes();
    buffers[0] = {const_cast<char*>(bytes.data()), bytes.size()};
    count = 1;
  }
  request = {fd_, static_cast<uint32_t>(count), buffers.data(), 0};
  return count > 0;
}

void WsSession::on_sent(ssize_t result) {
  if (state_ == State::kFinished) return;
  if (result < 0 && result != -EAGAIN && result != -EINTR) return finish(kAbnormal);
  const size_t taken = result > 0 ? static_cast<size_t>(result) : 0;
  context_.metrics.bytes_sent.add(taken);
  if (burst_ != nullptr) {
    if (taken == burst_->byte_count) {
      context_.metrics.frames_sent.add(burst_->frame_count);
      burst_ = nullptr;
      return;
    }
    spill_burst(taken);
  } else if (queue_ != nullptr) {
    context_.metrics.frames_sent.add(queue_->consume(taken));
    if (is_blocked() && taken > 0) {
      // The kernel's buffer was full and has room again: the peer reads, so it lives.
      alive_ms_ = progress_ms_ = context_.loop.now_ms();
      is_pinged_ = false;
    }
  }
  if (queue_ != nullptr && queue_->is_empty()) {
    context_.metrics.frames_conflated.add(queue_->conflated_count());
    queue_.reset();
    if (is_blocked()) {
      interest_ &= static_cast<uint8_t>(~net::kWritable);
      context_.loop.poller().change(fd_, *this, interest_);
    }
    update_interest();
    return on_flushed();
  }
  if (queue_ != nullptr && !is_blocked()) {
    progress_ms_ = context_.loop.now_ms();
    interest_ |= net::kWritable;
    context_.loop.poller().change(fd_, *this, interest_);
    schedule();
  }
  update_interest();
}

void WsSession::on_flushed() {
  if (state_ == State::kAnswering) {
    // What is left unread would turn the close into a reset, and the peer would miss our code.
    const MutableByteView buffer = context_.loop.read_buffer();
    for (size_t i = 0; i < kDiscardBytesMax / net::EventLoop::kReadBufferBytes; ++i) {
      if (::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0) break;
    }
    ::shutdown(fd_, SHUT_WR);
    return finish(close_code_);
  }
  // §7.1.7: a peer that broke the protocol sees our code, then the end; it is not parsed further.
  if (state_ == State::kFailed) ::shutdown(fd_, SHUT_WR);
}

void WsSession::update_interest() {
  // A peer that does not take our answers is not read either: its own messages are what fills the
  // queue (echo). Closing reads on, since what it discards is bounded.
  const size_t pause_bytes = context_.limits().send_queue_bytes_max / 4;
  const bool is_paused =
      state_ == State::kConnecting || (state_ == State::kOpen && is_blocked() &&
                                       queue_ != nullptr && queue_->byte_count() > pause_bytes);
  const uint8_t wanted = static_cast<uint8_t>((interest_ & net::kWritable) |
                                              (is_paused ? net::kNothing : net::kReadable));
  if (wanted == interest_) return;
  interest_ = wanted;
  context_.loop.poller().change(fd_, *this, interest_);
}

}  // namespace carillon::session
