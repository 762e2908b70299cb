// Writes what a turn of the loop has left to send: once for each connection, in slices.
#pragma once

#include <sys/uio.h>

#include <array>
#include <vector>

#include "carillon/net/poller.h"
#include "carillon/session/burst.h"
#include "carillon/session/session_table.h"

namespace carillon::session {

class WsSession;

// Answers to a connection's own messages leave at the end of the turn. Events leave in rounds: a
// round is what the worker took from its mailbox at once, and its connections are served in slices
// of kSliceCount, between which the loop looks after everybody else. What arrives meanwhile makes
// the next round, so the faster events come, the more of them share one write.
class Flusher {
 public:
  static constexpr size_t kSliceCount = 256;
  static constexpr size_t kBuffersPerSession = 16;

  // Both are borrowed for life.
  Flusher(net::Poller& poller, SessionTable<WsSession>& sessions);

  // Each session marks itself at most once until it is flushed.
  void mark_answer(consumer::SessionId id) { answers_.push_back(id); }
  void mark_round(consumer::SessionId id) { round_.push_back(id); }

  void flush_answers();
  // One slice of the round; true when that was its end, or there is none.
  bool flush_round();
  bool is_round_over() const noexcept { return round_.empty(); }
  bool has_answers() const noexcept { return !answers_.empty(); }
  BurstArena& bursts() noexcept { return bursts_; }

 private:
  void flush(std::span<const consumer::SessionId> ids);

  net::Poller& poller_;
  SessionTable<WsSession>& sessions_;
  BurstArena bursts_;
  std::vector<consumer::SessionId> answers_;
  std::vector<consumer::SessionId> flushing_;
  std::vector<consumer::SessionId> round_;
  size_t round_position_ = 0;
  std::array<net::SendRequest, kSliceCount> requests_{};
  std::array<WsSession*, kSliceCount> senders_{};
  std::array<iovec, kSliceCount * kBuffersPerSession> buffers_{};
};

}  // namespace carillon::session
