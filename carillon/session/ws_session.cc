#include "carillon/session/ws_session.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "carillon/consumer/relay_consumer.h"
#include "carillon/http/response.h"
#include "carillon/layer/name.h"
#include "carillon/session/ws_session_detail.h"
#include "carillon/ws/frame_writer.h"

namespace carillon::session {
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
      fd_(socket.release()),
      form_(admitted.form),
      identity_(std::move(admitted.identity)),
      timer_(context.loop.timers().add(*this)),
      alive_ms_(context.loop.now_ms()),
      rate_limit_(rate_limits(), context.loop.now_ms()) {
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

WsSession::~WsSession() {
  CARILLON_DCHECK(state_ == State::kFinished);
}

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
  session.deadline_ms_ = context.loop.now_ms() + context.limits().handshake_timeout_ms;
  if (session.take_user_place()) {
    session.consumer_ = session.endpoint_.make_consumer();
    session.consumer_->bind(session);
    session.is_connecting_call_ = true;
    session.guarded([&] { session.consumer_->connect(); });
    session.is_connecting_call_ = false;
  }
  // One change of the poller, from the HTTP session to this one; nothing is read meanwhile.
  if (session.state_ == State::kConnecting) session.interest_ = net::kNothing;
  context.loop.poller().change(session.fd_, session, session.interest_);
  if (session.state_ == State::kConnecting) {
    session.held_->input.assign(as_text(leftover));
    session.schedule();
  } else if (session.state_ == State::kOpen && !leftover.empty()) {
    session.feed(leftover);
  }
}

bool WsSession::take_user_place() {
  if (!endpoint_.permission()) return true;
  const ConnectionRef ref{static_cast<uint32_t>(context_.worker), id_};
  const auto entry = context_.process.admission.enter_user(identity_.user_id, ref);
  if (entry.outcome == Admission::UserOutcome::kRefused) {
    deny(429, "You have too many connections.", "throttled");
    return false;
  }
  is_user_counted_ = true;
  if (entry.outcome == Admission::UserOutcome::kReplaced) {
    context_.process.ports[entry.replaced.worker]->post(
        entry.replaced.id, [](consumer::Peer& peer) { peer.close(ws::CloseCode::kReplaced); });
  }
  return true;
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

std::string WsSession::reply_channel() const {
  std::string channel(context_.process.node.layer().process_channel());
  return channel +
         fanout::to_local_name({static_cast<uint32_t>(context_.worker), id_.slot, id_.generation});
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
      begin_closing(State::kFailed, ws::close_code_for(fed.error()));
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
    case RateLimit::Verdict::kAllowed:
      return true;
    case RateLimit::Verdict::kRefused:
      context_.metrics.messages_refused.add();
      send(consumer::error_text("rate_limited", "Too many messages: wait before the next one."));
      return false;
    case RateLimit::Verdict::kOut:
      context_.metrics.messages_refused.add();
      close(ws::CloseCode::kRateLimited);
      return false;
  }
  return false;
}

bool WsSession::group_add(std::string_view group) {
  if (state_ != State::kConnecting && state_ != State::kOpen) return false;
  if (!layer::is_valid_group_name(group)) return false;
  switch (context_.hub.join(group, *this)) {
    case fanout::Hub::Joined::kFirstOfGroup:
      context_.process.node.want(context_.worker, std::string(group));
      await_group(group);
      return true;
    case fanout::Hub::Joined::kAlready:
      return true;
    case fanout::Hub::Joined::kYes:
      await_group(group);
      return true;
    case fanout::Hub::Joined::kTooMany:
      return false;
  }
  return false;
}

void WsSession::await_group(std::string_view group) {
  fanout::Node& node = context_.process.node;
  if (held_ == nullptr || node.layer().joins_at_once()) return;
  ++held_->unjoined_count;
  node.when_joined(std::string(group), [&context = context_, id = id_] {
    context.loop.post([&context, id] {
      WsSession* session = context.ws_sessions.find(id);
      if (session != nullptr) session->on_group_joined();
    });
  });
}

void WsSession::on_group_joined() {
  if (held_ == nullptr || --held_->unjoined_count > 0) return;
  if (state_ != State::kConnecting) mark();
}

void WsSession::group_discard(std::string_view group) {
  if (context_.hub.leave(group, *this)) {
    context_.process.node.unwant(context_.worker, std::string(group));
  }
}

std::vector<fanout::PreparedEventPtr> WsSession::state_of(std::string_view group) {
  return context_.hub.state_of(group);
}

}  // namespace carillon::session
