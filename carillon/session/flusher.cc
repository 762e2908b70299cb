#include "carillon/session/flusher.h"

#include <algorithm>

#include "carillon/session/ws_session.h"

namespace carillon::session {

Flusher::Flusher(net::Poller& poller, SessionTable<WsSession>& sessions)
    : poller_(poller), sessions_(sessions) {}

void Flusher::flush_answers() {
  // A session that is flushed may mark itself, or others, again: those wait for the next turn.
  flushing_.swap(answers_);
  for (size_t i = 0; i < flushing_.size(); i += kSliceCount) {
    const size_t count = std::min(kSliceCount, flushing_.size() - i);
    flush({flushing_.data() + i, count});
  }
  flushing_.clear();
}

bool Flusher::flush_round() {
  const size_t count = std::min(kSliceCount, round_.size() - round_position_);
  flush({round_.data() + round_position_, count});
  round_position_ += count;
  if (round_position_ < round_.size()) return false;
  round_.clear();
  round_position_ = 0;
  bursts_.clear();
  return true;
}

void Flusher::flush(std::span<const consumer::SessionId> ids) {
  size_t count = 0;
  for (const consumer::SessionId id : ids) {
    WsSession* session = sessions_.find(id);
    if (session == nullptr) continue;
    const std::span<iovec> buffers(buffers_.data() + count * kBuffersPerSession,
                                   kBuffersPerSession);
    if (!session->prepare_send(buffers, requests_[count])) continue;
    senders_[count++] = session;
  }
  poller_.send({requests_.data(), count});
  for (size_t i = 0; i < count; ++i) senders_[i]->on_sent(requests_[i].result);
}

}  // namespace carillon::session
