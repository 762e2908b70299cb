#include "carillon/session/ws_session.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "carillon/consumer/relay_consumer.h"
#include "carillon/http/response.h"
#include "carillon/layer/name.h"
#include "carillon/session/flusher.h"
#include "carillon/ws/frame_writer.h"

namespace carillon::session {
namespace {

// After closing has begun, this much more is read and thrown away before the socket closes.
constexpr size_t kDiscardBytesMax = 1u << 20;
// A peer that answers no ping will not answer a close either.
constexpr uint64_t kUnresponsiveResetMs = 1'000;
constexpr uint16_t kAbnormal = 1006;

fanout::FramePtr make_frame_ptr(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace

// What waits for the consumer to accept: the answer to the handshake, and what came in meanwhile.
struct WsSession::Held {
  std::string upgrade_response;
  std::string input;
  std::vector<fanout::PreparedEventPtr> events;
};

// Lends the session's callbacks to the assembler for one call.
class WsSession::Sink final : public ws::MessageSink {
 public:
  explicit Sink(WsSession& session) : session_(session) {}
  void on_message(ws::Opcode opcode, std::string_view payload) override {
    session_.on_message(opcode, payload);
  }
  void on_control(ws::Opcode opcode, std::string_view payload) override {
    session_.on_control(opcode, payload);
  }
  bool wants_more() const override {
    return session_.state_ == State::kOpen || session_.state_ == State::kClosing;
  }

 private:
  WsSession& session_;
};

WsSession::WsSession(WorkerContext& context, net::Fd socket, Admitted& admitted)
    : context_(context),
      endpoint_(*admitted.endpoint),
      held_(std::make_unique<Held>()),
      identity_(std::move(admitted.identity)),
      timer_(context.loop.timers().add(*this)),
      fd_(socket.release()),
      alive_ms_(context.loop.now_ms()),
      rate_limit_(rate_limits(), context.loop.now_ms()),
      form_(admitted.form) {
  const auto& auth = context.process.settings.auth;
  end_ms_ = alive_ms_ + uint64_t{auth.session_max_s} * 1000;
  if (auth.on_expiry == "enforce" && identity_.expires_at_s != 0) {
    const int64_t left_ms = identity_.expires_at_s * 1000 - context.loop.clock().wall_ms();
    const uint64_t expiry_ms = alive_ms_ + static_cast<uint64_t>(std::max<int64_t>(left_ms, 0));
    ends_with_token_ = expiry_ms < end_ms_;
    end_ms_ = std::min(end_ms_, expiry_ms);
  }
  if (!admitted.params.empty()) {
    params_ = std::make_unique<std::vector<std::string>>(std::move(admitted.params));
  }
  held_->upgrade_response = std::move(admitted.upgrade_response);
}

WsSession::~WsSession() { CARILLON_DCHECK(state_ == State::kFinished); }

void WsSession::start(WorkerContext& context,
                      net::Fd socket,
                      const sockaddr_storage& address,
                      Admitted admitted,
                      MutableByteView leftover) {
  auto owned = std::unique_ptr<WsSession>(new WsSession(context, std::move(socket), admitted));
  WsSession& session = *owned;
  session.id_ = context.ws_sessions.add(std::move(owned));
  Admission& admission = context.process.admission;
  if (admission.counts_addresses()) {
    session.address_ = std::make_unique<sockaddr_storage>(address);
  }
  session.interest_ = net::kNothing;
  context.loop.poller().change(session.fd_, session, net::kNothing);
  session.deadline_ms_ = context.loop.now_ms() + context.limits().handshake_timeout_ms;
  session.consumer_ = session.endpoint_.make_consumer();
  session.consumer_->bind(session);
  if (session.endpoint_.permission()) {
    const ConnectionRef ref{static_cast<uint32_t>(context.worker), session.id_};
    const auto entry = admission.enter_user(session.identity_.user_id, ref);
    if (entry.outcome == Admission::UserOutcome::kRefused) {
      return session.deny(429, "You have too many connections.", "throttled");
    }
    session.is_user_counted_ = true;
    if (entry.outcome == Admission::UserOutcome::kReplaced) {
      context.process.ports[entry.replaced.worker]->post(
          entry.replaced.id, [](consumer::Peer& peer) {
            peer.close(ws::CloseCode::kReplaced, "a newer connection took this place");
          });
    }
  }
  session.is_connecting_call_ = true;
  session.guarded([&] { session.consumer_->connect(); });
  session.is_connecting_call_ = false;
  if (session.state_ == State::kConnecting) {
    session.held_->input.assign(as_text(leftover));
    session.schedule();
  } else if (session.state_ == State::kOpen && !leftover.empty()) {
    session.feed(leftover);
  }
}

template <class Call>
void WsSession::guarded(Call call) {
  try {
    call();
  } catch (const std::exception& exception) {
    context_.metrics.handler_exceptions.add();
    context_.process.logger.error("a consumer's handler threw; its connection closes with 1011",
                                  {{"endpoint", endpoint_.options().name},
                                   {"what", std::string_view(exception.what())}});
    if (state_ == State::kConnecting) return deny(500, "A server error occurred.", "error");
    close(ws::CloseCode::kInternal, "internal error");
  }
}

void WsSession::run(UniqueFunction<void(consumer::Peer&)>& work) {
  if (state_ != State::kFinished) guarded([&] { work(*this); });
}

SendQueueLimits WsSession::queue_limits() const noexcept {
  return {context_.limits().send_queue_bytes_max, context_.limits().send_queue_frames_max};
}

RateLimits WsSession::rate_limits() const noexcept {
  return {context_.limits().message_rate_per_s, context_.limits().message_burst};
}

const std::vector<std::string>& WsSession::params() const {
  static const std::vector<std::string> kNone;
  return params_ == nullptr ? kNone : *params_;
}

const http::Request* WsSession::request() const {
  return is_connecting_call_ ? &context_.request : nullptr;
}

consumer::PeerHandle WsSession::handle() {
  return {context_.process.ports[context_.worker], id_};
}

void WsSession::accept() {
  if (state_ != State::kConnecting) return;
  state_ = State::kOpen;
  context_.metrics.handshakes(101).add();
  context_.metrics.connections(endpoint_.options().name).add(1);
  queue_ = std::make_unique<SendQueue>();
  queue_->push_always(make_frame_ptr(std::move(held_->upgrade_response)));
  update_interest();
  schedule();
  mark();
}

void WsSession::deny(int status, std::string_view detail, std::string_view code) {
  if (state_ != State::kConnecting) return;
  context_.metrics.handshakes(status).add();
  http::Response response = http::problem(status, detail, code);
  if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", "5");
  std::string bytes;
  http::append_response(bytes, response, false);
  held_.reset();
  context_.hub.leave_all(*this, [this](std::string_view group) {
    context_.process.node.unwant(context_.worker, std::string(group));
  });
  queue_ = std::make_unique<SendQueue>();
  queue_->push_always(make_frame_ptr(std::move(bytes)));
  state_ = State::kAnswering;
  deadline_ms_ = context_.loop.now_ms() + context_.limits().close_timeout_ms;
  schedule();
  mark();
}

void WsSession::on_ready(uint8_t readiness) {
  if (state_ == State::kFinished) return;
  if (readiness & net::kReadable) read();
  if (state_ != State::kFinished && (readiness & net::kWritable)) mark();
  if (state_ != State::kFinished && (readiness & net::kBroken)) finish(kAbnormal);
}

void WsSession::read() {
  const MutableByteView buffer = context_.loop.read_buffer();
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return finish(kAbnormal);
  alive_ms_ = context_.loop.now_ms();
  is_pinged_ = false;
  const MutableByteView bytes = buffer.first(static_cast<size_t>(count));
  if (state_ == State::kOpen) return feed(bytes);
  if (!may_discard(bytes.size())) return;
  if (state_ == State::kClosing) feed(bytes);
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

void WsSession::feed(MutableByteView bytes) {
  const uint64_t own_limit = endpoint_.options().message_bytes_max;
  Sink sink(*this);
  ws::MessageAssembler fresh({
      .message_bytes_max = own_limit != 0 ? own_limit : context_.limits().message_bytes_max,
      .inflater = form_ != fanout::kPlainForm ? &context_.inflater : nullptr,
      .allow_binary = endpoint_.options().allow_binary,
  });
  ws::MessageAssembler& assembler = assembler_ != nullptr ? *assembler_ : fresh;
  const auto fed = assembler.feed(bytes, sink);
  if (state_ == State::kFinished) return;
  if (!fed) {
    assembler_.reset();
    if (state_ == State::kOpen || state_ == State::kClosing) {
      const bool is_first_close = state_ == State::kOpen;
      if (!is_first_close) return finish(close_code_);
      begin_closing(State::kFailed, ws::close_code_for(fed.error()), ws::slug(fed.error()));
    }
    return;
  }
  if (assembler.is_idle()) {
    assembler_.reset();
  } else if (assembler_ == nullptr) {
    assembler_ = std::make_unique<ws::MessageAssembler>(std::move(fresh));
  }
}

void WsSession::on_message(ws::Opcode opcode, std::string_view payload) {
  if (state_ != State::kOpen) return;
  context_.metrics.messages_received.add();
  if (!is_within_rate()) return;
  guarded([&] {
    if (opcode == ws::Opcode::kText) return consumer_->receive(payload);
    consumer_->receive_bytes(as_bytes(payload));
  });
}

void WsSession::on_control(ws::Opcode opcode, std::string_view payload) {
  if (opcode == ws::Opcode::kClose) return on_peer_close(payload);
  if (opcode != ws::Opcode::kPing || state_ != State::kOpen) return;
  if (is_within_rate()) queue(make_frame_ptr(ws::make_frame(ws::Opcode::kPong, payload)), 0);
}

bool WsSession::is_within_rate() {
  if (!endpoint_.options().is_rate_limited) return true;
  switch (rate_limit_.take(rate_limits(), context_.loop.now_ms())) {
    case RateLimit::Verdict::kAllowed: return true;
    case RateLimit::Verdict::kRefused:
      context_.metrics.messages_refused.add();
      send(consumer::error_text("rate_limited", "Too many messages: wait before the next one."));
      return false;
    case RateLimit::Verdict::kOut:
      context_.metrics.messages_refused.add();
      close(ws::CloseCode::kRateLimited, "too many messages");
      return false;
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

void WsSession::deliver(fanout::Delivery& delivery) {
  if (state_ == State::kConnecting || held_ != nullptr) return hold(delivery.shared_event());
  if (state_ != State::kOpen) return;
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

void WsSession::hold(const fanout::PreparedEventPtr& event) {
  if (held_->events.size() < context_.limits().send_queue_frames_max) {
    held_->events.push_back(event);
  } else {
    context_.metrics.frames_dropped.add();
  }
}

void WsSession::release_held() {
  if (held_ == nullptr || state_ == State::kConnecting) return;
  const std::unique_ptr<Held> held = std::move(held_);
  for (const auto& event : held->events) {
    if (state_ != State::kOpen) return;
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
  if (!queue_->push(frame, state_key, queue_limits())) return on_overflow();
  if (!is_blocked()) mark();
}

void WsSession::spill_burst(size_t sent_bytes) {
  std::vector<const Burst*> frames;
  burst_->list(frames);
  burst_ = nullptr;
  queue_ = std::make_unique<SendQueue>();
  size_t skipped = sent_bytes;
  for (const Burst* burst : frames) {
    if (skipped >= burst->frame->size()) {
      skipped -= burst->frame->size();
      context_.metrics.frames_sent.add();
    } else if (skipped > 0) {
      queue_->push_begun(burst->frame, skipped);
      skipped = 0;
    } else if (!queue_->push(burst->frame, burst->state_key, queue_limits())) {
      return on_overflow();
    }
  }
}

void WsSession::on_overflow() {
  context_.metrics.frames_dropped.add(queue_->drop_unbegun() + 1);
  begin_closing(State::kClosing, ws::CloseCode::kSlowConsumer, "you read too slowly");
}

void WsSession::mark() {
  if (is_marked_) return;
  is_marked_ = true;
  context_.flusher.mark_answer(id_);
}

bool WsSession::prepare_send(std::span<iovec> buffers, net::SendRequest& request) {
  is_marked_ = false;
  is_in_round_ = false;
  release_held();
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
  const bool was_open = state_ != State::kConnecting && !(state_ == State::kAnswering && close_code_ == 0);
  state_ = State::kFinished;
  if (close_code_ != 0) code = close_code_;
  if (was_open) {
    context_.metrics.connections(endpoint_.options().name).add(-1);
    context_.metrics.closed(code).add();
  }
  guarded([&] { consumer_->disconnect(code); });
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

bool WsSession::group_add(std::string_view group) {
  if (state_ != State::kConnecting && state_ != State::kOpen) return false;
  if (!layer::is_valid_group_name(group)) return false;
  switch (context_.hub.join(group, *this)) {
    case fanout::Hub::Joined::kFirstOfGroup:
      context_.process.node.want(context_.worker, std::string(group));
      return true;
    case fanout::Hub::Joined::kAlready:
    case fanout::Hub::Joined::kYes: return true;
    case fanout::Hub::Joined::kTooMany: return false;
  }
  return false;
}

void WsSession::group_discard(std::string_view group) {
  if (context_.hub.leave(group, *this)) {
    context_.process.node.unwant(context_.worker, std::string(group));
  }
}

std::vector<fanout::PreparedEventPtr> WsSession::state_of(std::string_view group) {
  return context_.hub.state_of(group);
}

void WsSession::update_interest() {
  // A peer that does not take our answers is not read either: its own messages are what fills the
  // queue (echo). Closing reads on, since what it discards is bounded.
  const size_t pause_bytes = context_.limits().send_queue_bytes_max / 4;
  const bool is_paused = state_ == State::kConnecting ||
                         (state_ == State::kOpen && is_blocked() && queue_ != nullptr &&
                          queue_->byte_count() > pause_bytes);
  const uint8_t wanted = static_cast<uint8_t>((interest_ & net::kWritable) |
                                              (is_paused ? net::kNothing : net::kReadable));
  if (wanted == interest_) return;
  interest_ = wanted;
  context_.loop.poller().change(fd_, *this, interest_);
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
    case State::kFinished: return;
    case State::kConnecting: return deny(503, "The server is busy.", "unavailable");
    case State::kClosing:
    case State::kAnswering:
    case State::kFailed: {
      const bool must_reset = queue_ != nullptr || close_code_ == 4408 || close_code_ == 4430;
      if (must_reset) return reset();
      ::shutdown(fd_, SHUT_WR);
      return finish(close_code_);
    }
    case State::kOpen: break;
  }
  if (now_ms >= end_ms_) {
    if (ends_with_token_) return close(ws::CloseCode::kUnauthenticated, "token expired");
    return close(ws::CloseCode::kGoingAway, "the session has lasted long enough");
  }
  if (is_blocked()) {
    if (now_ms >= progress_ms_ + limits.send_timeout_ms) return on_overflow();
  } else if (is_pinged_) {
    if (now_ms >= deadline_ms_) return close(ws::CloseCode::kTimeout, "no answer to a ping");
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

}  // namespace carillon::session
