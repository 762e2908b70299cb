// The server's side of one WebSocket: bytes to messages to the consumer, events to bytes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/consumer/endpoint.h"
#include "carillon/consumer/peer.h"
#include "carillon/fanout/member.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/socket.h"
#include "carillon/session/burst.h"
#include "carillon/session/rate_limit.h"
#include "carillon/session/send_queue.h"
#include "carillon/session/worker_context.h"
#include "carillon/ws/message_assembler.h"

namespace carillon::session {

// What the handshake found out; see handshake.h.
struct Admitted {
  const consumer::Endpoint* endpoint = nullptr;
  std::vector<std::string> params;
  auth::Identity identity;
  fanout::FrameForm form = fanout::kPlainForm;  // else permessage-deflate was agreed
  std::string upgrade_response;
};

// Owned by its worker's table. An idle one owns no buffer, neither for reading nor for writing.
//
// Open until either side closes; then Closing (our close frame is on its way, we wait for the
// peer's), Answering (the peer's came first) or Failed (the peer broke the protocol: what it sends
// is discarded). All end in finish(), which leaves everything and dies with the loop's turn.
class WsSession final : public net::Disposable,
                        public net::IoHandler,
                        public net::TimerHandler,
                        public fanout::Member,
                        public consumer::Peer {
 public:
  // Puts a session for `socket` into the table and calls its consumer. `leftover` is what the peer
  // sent after its handshake. The request is in `context.request` during this call.
  static void start(WorkerContext& context,
                    net::Fd socket,
                    const sockaddr_storage& address,
                    Admitted admitted,
                    MutableByteView leftover);
  ~WsSession() override;

  // For the Flusher. False when there is nothing to send.
  bool prepare_send(std::span<iovec> buffers, net::SendRequest& request);
  void on_sent(ssize_t result);

  consumer::SessionId id() const noexcept { return id_; }
  // The process ends: no close frame, no waiting.
  void abandon() { finish(static_cast<uint16_t>(ws::CloseCode::kGoingAway)); }
  // Work that a handle brought to this loop; an exception that leaves it is the consumer's.
  void run(UniqueFunction<void(consumer::Peer&)>& work);

  void on_ready(uint8_t readiness) override;
  void on_timer() override;
  void deliver(fanout::Delivery& delivery) override;
  void on_gap() override;

  const auth::Identity& user() const override { return identity_; }
  const consumer::Endpoint& endpoint() const override { return endpoint_; }
  const std::vector<std::string>& params() const override;
  const http::Request* request() const override;
  void accept() override;
  void deny(int status, std::string_view detail, std::string_view code) override;
  void send(std::string_view text) override;
  void send_bytes(ByteView bytes) override;
  void send_frame(const fanout::FramePtr& frame, uint32_t state_key) override;
  void send_event(const fanout::PreparedEventPtr& event) override;
  void close(ws::CloseCode code, std::string_view reason = {}) override;
  bool group_add(std::string_view group) override;
  void group_discard(std::string_view group) override;
  std::vector<fanout::PreparedEventPtr> state_of(std::string_view group) override;
  consumer::PeerHandle handle() override;
  std::string reply_channel() const override;
  publish::Publisher& publisher() override { return context_.process.publisher; }
  net::BlockingPool& blocking_pool() override { return context_.process.blocking_pool; }

 private:
  class Sink;
  enum class State : uint8_t { kConnecting, kOpen, kClosing, kAnswering, kFailed, kFinished };

  WsSession(WorkerContext& context, net::Fd socket, Admitted& admitted);

  // False when the user has too many connections already, and has been told.
  bool take_user_place();
  // Runs a handler of the consumer; an exception that leaves it closes with 1011.
  template <class Call>
  void guarded(Call call);
  SendQueueLimits queue_limits() const noexcept;
  RateLimits rate_limits() const noexcept;

  void read();
  void feed(MutableByteView bytes);
  // Counts what is read after closing has begun; false past the bound, where the session ends.
  bool may_discard(size_t byte_count);
  void on_message(ws::Opcode opcode, std::string_view payload);
  void on_control(ws::Opcode opcode, std::string_view payload);
  bool is_within_rate();
  void on_peer_close(std::string_view payload);

  void queue(const fanout::FramePtr& frame, uint32_t state_key);
  void spill_burst(size_t sent_bytes);
  void release_held();
  // Asks the channel layer to confirm a group of which this is the first member here, or not.
  void await_group(std::string_view group);
  void on_group_joined();
  // The queue cannot take `refused_count` frames more: it is dropped, and the connection closes.
  void on_overflow(size_t refused_count);
  void on_flushed();
  void mark();

  // The reason is the code's slug unless one is given.
  void begin_closing(State state, ws::CloseCode code, std::string_view reason = {});
  void reset();
  void finish(uint16_t code);
  void update_interest();
  void schedule();
  uint64_t next_deadline_ms() const;
  bool is_blocked() const noexcept { return (interest_ & net::kWritable) != 0; }
  void hold(const fanout::PreparedEventPtr& event);
  void ping();

  // What each delivery touches stands together: with thousands of members, a delivery costs little
  // more than the cache lines that it has to fetch.
  WorkerContext& context_;
  const consumer::Endpoint& endpoint_;
  std::unique_ptr<SendQueue> queue_;  // only while something waits
  Burst* burst_ = nullptr;            // of the round under way
  struct Held;
  std::unique_ptr<Held> held_;  // until the consumer accepts: see accept()
  consumer::SessionId id_;
  int fd_;
  State state_ = State::kConnecting;
  fanout::FrameForm form_;
  uint8_t interest_ = net::kReadable;
  bool is_marked_ : 1 = false;
  bool is_in_round_ : 1 = false;
  bool is_pinged_ : 1 = false;
  bool is_user_counted_ : 1 = false;
  bool ends_with_token_ : 1 = false;
  bool is_connecting_call_ : 1 = false;  // inside Consumer::connect

  std::unique_ptr<consumer::Consumer> consumer_;
  std::unique_ptr<std::vector<std::string>> params_;  // null: none
  std::unique_ptr<sockaddr_storage> address_;         // only while addresses are counted
  std::unique_ptr<ws::MessageAssembler> assembler_;   // only inside a frame or message
  auth::Identity identity_;
  net::TimerId timer_;
  uint64_t alive_ms_;         // when the peer last sent something, or took something queued
  uint64_t progress_ms_ = 0;  // while the kernel's buffer is full: when it last took something
  uint64_t deadline_ms_ = 0;  // of the handshake, of the pong that is due, or of the closing
  uint64_t end_ms_;           // when the session is over, however lively
  RateLimit rate_limit_;
  uint32_t discarded_bytes_ = 0;
  uint16_t close_code_ = 0;
};

}  // namespace carillon::session
