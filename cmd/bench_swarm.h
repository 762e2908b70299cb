// Connections of one generator thread: opens them, reads what they receive, answers pings.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cmd/bench_counter.h"
#include "cmd/bench_frame.h"
#include "cmd/bench_tally.h"
#include "cmd/bench_upgrade.h"

namespace carillon::bench {

// What the swarms of a run report to the thread that waits for them.
struct Progress {
  Counter settled;    // connections that were upgraded or refused
  Counter answered;   // events received by members that read, pongs, and errors
  Counter recovered;  // stalled members that have resumed and then closed or caught up
};

// The part of a run's connections that one thread has.
struct Share {
  uint32_t first = 0;
  uint32_t count = 0;
  uint32_t stalled_count = 0;        // the last ones of the share
  double pings_per_s = 0;            // 0: the next one as soon as the last is answered
  bool has_own_descriptors = false;  // a descriptor table of its own: unshare(CLONE_FILES)
};

// Owns one thread, from start() to stop(). The public functions are for the thread that made it;
// tallies may be read once it has stopped.
class Swarm {
 public:
  Swarm(const Run& run, Progress& progress, const Share& share);
  ~Swarm() { stop(); }

  void start();
  // Stalled members read again, up to event number `event_count`.
  void resume_stalled(uint32_t event_count);
  void start_pings();
  // Closes everything and ends the thread. Idempotent.
  void stop();

  const Tally& reading() const { return reading_; }
  const Tally& stalled() const { return stalled_; }
  uint32_t open_count() const { return open_count_; }
  uint32_t refused_count() const { return refused_count_; }
  // Why the first of the refused was refused.
  const std::string& first_refusal() const { return first_refusal_; }
  // Adds to `lost` what is missing of `event_count` events without a word from the server: gaps,
  // and the end of the row where the connection still stands.
  void count_lost(uint32_t event_count);

 private:
  enum class Phase : uint8_t { kNew, kConnecting, kUpgrading, kOpen, kClosed };
  struct Member {
    Socket socket;
    Order order;
    Phase phase = Phase::kNew;
    bool is_stalled = false;  // belongs to the stalled, whether it has resumed or not
    uint32_t pings_left = 0;
    std::string partial;  // bytes of a head or frame that is not whole yet
  };

  void run_loop();
  void turn();
  void take_orders();
  void open_more();
  void open(uint32_t index);
  void send_request(Member& member);
  void watch(Member& member, uint32_t events, int operation);
  void on_event(Member& member, uint32_t events);
  void on_readable(Member& member);
  size_t take_bytes(Member& member, std::string_view bytes);
  void take_frame(Member& member, const ServerFrame& frame);
  void take_other_frame(Member& member, const ServerFrame& frame);
  void on_upgraded(Member& member);
  void on_end(Member& member, bool is_reset);
  void refuse(Member& member, std::string why);
  void close(Member& member);
  void send_due_pings();
  void send_ping(Member& member, uint64_t due_ns);
  uint64_t next_ping_due_ns() const;
  uint64_t pings_total() const { return uint64_t{share_.count} * run_.options.messages; }
  bool is_closed_loop() const { return share_.pings_per_s <= 0; }
  // How long the loop may wait for events; negative seconds: for ever.
  timespec wait_time() const;
  Tally& tally_of(const Member& member) { return member.is_stalled ? stalled_ : reading_; }

  const Run& run_;
  Progress& progress_;
  const Share share_;
  Upgrade upgrade_;
  std::vector<Member> members_;
  std::string buffer_;
  Socket epoll_, wake_;
  std::thread thread_;

  // Orders from the owner, noticed at the next wake.
  std::atomic<bool> is_stopping_{false};
  std::atomic<uint32_t> resume_events_{0};  // 0: not yet
  std::atomic<bool> is_pinging_{false};

  // The thread's own.
  uint32_t opened_ = 0;   // of the share, so far
  uint32_t opening_ = 0;  // handshakes under way
  uint32_t open_count_ = 0, refused_count_ = 0;
  std::string first_refusal_;
  bool has_resumed_ = false;
  bool has_pinged_ = false;
  uint64_t ping_start_ns_ = 0;
  uint64_t pings_sent_ = 0;
  uint64_t read_ns_ = 0;       // when the bytes at hand were read
  uint64_t answered_now_ = 0;  // since the last report to progress_
  Tally reading_, stalled_;
};

}  // namespace carillon::bench
