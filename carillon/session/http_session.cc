#include "carillon/session/http_session.h"

#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "carillon/api/api.h"
#include "carillon/http/request_parser.h"

namespace carillon::session {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_loopback(const sockaddr_storage& address) {
  net::Address peer;
  peer.storage = address;
  return peer.is_loopback();
}

}  // namespace

HttpSession::HttpSession(WorkerContext& context,
                         net::Fd socket,
                         const sockaddr_storage& address,
                         bool is_metrics_bind)
    : context_(context),
      address_(address),
      timer_(context.loop.timers().add(*this)),
      fd_(socket.release()),
      is_metrics_bind_(is_metrics_bind),
      deadline_ms_(context.loop.now_ms() + context.limits().handshake_timeout_ms) {}

HttpSession::~HttpSession() {
  CARILLON_DCHECK(is_finished_);
}

void HttpSession::start(WorkerContext& context,
                        net::Fd socket,
                        const sockaddr_storage& address,
                        bool is_metrics_bind) {
  auto owned = std::unique_ptr<HttpSession>(
      new HttpSession(context, std::move(socket), address, is_metrics_bind));
  HttpSession& session = *owned;
  session.id_ = context.http_sessions.add(std::move(owned));
  context.loop.poller().watch(session.fd_, session, net::kReadable);
  context.loop.timers().schedule(session.timer_, session.deadline_ms_);
}

void HttpSession::on_ready(uint8_t readiness) {
  if (is_finished_) return;
  if (readiness & net::kWritable) flush();
  if (!is_finished_ && (readiness & net::kReadable)) read();
  if (!is_finished_ && (readiness & net::kBroken)) finish();
}

void HttpSession::read() {
  const MutableByteView buffer = context_.loop.read_buffer();
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return finish();
  if (is_closing_ || is_lingering_) return;  // discarded, until the peer or the timer ends it
  std::string_view bytes = as_text(buffer.first(static_cast<size_t>(count)));
  is_handling_ = true;
  if (input_.empty()) {
    const size_t taken = take_requests(bytes);
    if (!is_upgraded_) input_.assign(bytes.substr(taken));
  } else {
    input_.append(bytes);
    const size_t taken = take_requests(input_);
    if (!is_upgraded_) input_.erase(0, taken);
  }
  is_handling_ = false;
  if (is_upgraded_ || is_finished_) return;
  flush();
}

http::Limits HttpSession::head_limits() const {
  const config::LimitSettings& limits = context_.limits();
  return {.request_line_bytes_max = limits.request_line_bytes_max,
          .head_bytes_max = limits.head_bytes_max,
          .body_bytes_max = limits.body_bytes_max};
}

bool HttpSession::may_take_more() const {
  return !is_closing_ && !is_upgraded_ && !is_finished_ && asking_ == nullptr &&
         answers_.size() < kPipelinedMax && output_.size() - output_sent_ < kOutputBytesMax;
}

size_t HttpSession::take_requests(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && may_take_more()) {
    const size_t step =
        pending_ != nullptr ? take_body(bytes.substr(taken)) : take_request(bytes.substr(taken));
    if (step == 0) break;
    taken += step;
    scanned_ = 0;
  }
  return taken;
}

size_t HttpSession::take_request(std::string_view bytes) {
  http::Request& request = context_.request;
  const auto parsed = http::parse_head(bytes, head_limits(), request, scanned_);
  if (!parsed) {
    fail(parsed.error());
    return bytes.size();
  }
  if (!*parsed) return 0;
  const size_t head_bytes = request.head_bytes;
  std::vector<std::string> params;
  const consumer::Endpoint* endpoint =
      is_metrics_bind_ ? nullptr : context_.process.endpoints.match(request.path, params);
  if (endpoint != nullptr) {
    upgrade(*endpoint, std::move(params), bytes, head_bytes);
    return is_upgraded_ ? bytes.size() : head_bytes;
  }
  const uint64_t body_bytes = request.content_length.value_or(0);
  if (body_bytes > context_.limits().body_bytes_max) {
    fail(http::HttpError::kBodyTooLarge);
    return bytes.size();
  }
  if (!request.is_chunked && bytes.size() - head_bytes >= body_bytes) {
    handle(request, bytes.substr(head_bytes, body_bytes));
    return head_bytes + body_bytes;
  }
  begin_body(bytes.substr(0, head_bytes));
  return head_bytes;
}

void HttpSession::begin_body(std::string_view head_bytes) {
  pending_ = std::make_unique<Pending>();
  pending_->head.assign(head_bytes);
  size_t scanned = 0;
  const auto parsed = http::parse_head(pending_->head, head_limits(), pending_->request, scanned);
  CARILLON_ASSERT(parsed && *parsed);
  // §10.1.1 of RFC 9110: only when nothing is waiting to be sent before it.
  if (pending_->request.expects_continue && answers_.empty()) output_ += kContinue;
}

size_t HttpSession::take_body(std::string_view bytes) {
  Pending& pending = *pending_;
  size_t taken = 0;
  bool is_whole = false;
  if (pending.request.is_chunked) {
    const auto fed = pending.chunks.feed(bytes, pending.body, context_.limits().body_bytes_max);
    if (!fed) {
      pending_.reset();
      fail(fed.error());
      return bytes.size();
    }
    taken = *fed;
    is_whole = pending.chunks.is_done();
  } else {
    const uint64_t wanted = pending.request.content_length.value_or(0) - pending.body.size();
    taken = static_cast<size_t>(std::min<uint64_t>(wanted, bytes.size()));
    pending.body.append(bytes.substr(0, taken));
    is_whole = taken == wanted;
  }
  if (is_whole) {
    const std::unique_ptr<Pending> whole = std::move(pending_);
    handle(whole->request, whole->body);
  }
  return taken;
}

void HttpSession::handle(const http::Request& request, std::string_view body) {
  context_.metrics.http_requests.add();
  const bool keep_alive = request.keep_alive && !is_draining_;
  const bool head_only = request.method == http::Method::kHead;
  const uint64_t number = add_answer();
  if (!keep_alive) is_closing_ = true;
  context_.api.handle(request, body,
                      {.is_loopback = is_loopback(address_), .is_metrics_bind = is_metrics_bind_},
                      [&context = context_, id = id_, number, keep_alive,
                       head_only](const http::Response& response) {
                        HttpSession* session = context.http_sessions.find(id);
                        if (session == nullptr) return;
                        session->answer(number, response, keep_alive, head_only);
                        if (!session->is_handling_) session->flush();
                      });
}

void HttpSession::fail(http::HttpError error) {
  context_.metrics.http_requests.add();
  is_closing_ = true;
  // What follows cannot be told apart from this request any more (RFC 9112 §9.6).
  answer(add_answer(), http::problem(http::status_for(error), http::explain(error), "bad_request"),
         false, false);
}

uint64_t HttpSession::add_answer() {
  answers_.emplace_back();
  return first_answer_ + answers_.size() - 1;
}

void HttpSession::answer(uint64_t number,
                         const http::Response& response,
                         bool keep_alive,
                         bool head_only) {
  Answer& answer = answers_[number - first_answer_];
  http::append_response(answer.bytes, response, keep_alive, head_only);
  answer.is_ready = true;
  answer.ends_connection = !keep_alive;
}

void HttpSession::flush() {
  bool is_last = false;
  while (!answers_.empty() && answers_.front().is_ready && !is_last) {
    output_ += answers_.front().bytes;
    is_last = answers_.front().ends_connection;
    answers_.pop_front();
    ++first_answer_;
  }
  if (output_sent_ < output_.size()) {
    const ssize_t sent = ::send(fd_, output_.data() + output_sent_, output_.size() - output_sent_,
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return finish();
    if (sent > 0) output_sent_ += static_cast<size_t>(sent);
    if (output_sent_ == output_.size()) {
      output_.clear();
      output_sent_ = 0;
    }
  }
  if (output_.empty() && answers_.empty() && (is_closing_ || is_draining_) && !is_lingering_) {
    // Half-closed first: a reset while the peer still sends would take our answer with it.
    is_lingering_ = true;
    ::shutdown(fd_, SHUT_WR);
    deadline_ms_ = context_.loop.now_ms() + 1'000;
    context_.loop.timers().schedule(timer_, deadline_ms_);
  }
  if (!input_.empty() && may_take_more() && !is_handling_) {
    is_handling_ = true;
    const size_t taken = take_requests(input_);
    if (!is_upgraded_) input_.erase(0, taken);
    is_handling_ = false;
    if (is_upgraded_ || is_finished_) return;
    if (taken > 0) return flush();
  }
  update_interest();
  schedule();
}

void HttpSession::update_interest() {
  uint8_t wanted = net::kNothing;
  // While asking it reads once, so that it notices a peer that has gone.
  const bool may_read = asking_ != nullptr ? input_.empty() : may_take_more();
  if (is_lingering_ || may_read) wanted |= net::kReadable;
  if (output_sent_ < output_.size()) wanted |= net::kWritable;
  if (wanted == interest_) return;
  interest_ = wanted;
  context_.loop.poller().change(fd_, *this, interest_);
}

void HttpSession::schedule() {
  if (is_lingering_) return;
  const uint64_t now_ms = context_.loop.now_ms();
  const bool is_between = input_.empty() && pending_ == nullptr && asking_ == nullptr;
  if (is_between) {
    deadline_ms_ = now_ms + kIdleMs;
  } else if (deadline_ms_ > now_ms + context_.limits().handshake_timeout_ms) {
    // The first bytes of a request are here: now it must arrive whole in time.
    deadline_ms_ = now_ms + context_.limits().handshake_timeout_ms;
  }
  context_.loop.timers().schedule(timer_, deadline_ms_);
}

void HttpSession::on_timer() {
  if (asking_ != nullptr) return give_up_asking();
  const bool is_answering = !answers_.empty() || output_sent_ < output_.size();
  if (is_lingering_ || is_answering || (input_.empty() && pending_ == nullptr)) return finish();
  is_closing_ = true;
  answer(add_answer(), http::problem(408, "The request did not arrive in time.", "timeout"), false,
         false);
  flush();
}

void HttpSession::close_when_idle() {
  is_draining_ = true;
  if (asking_ != nullptr) return give_up_asking();
  if (answers_.empty() && output_.empty() && pending_ == nullptr) finish();
}

void HttpSession::finish() {
  if (is_finished_) return;
  is_finished_ = true;
  if (asking_ != nullptr) context_.process.admission.leave(address_);
  asking_.reset();
  context_.loop.timers().remove(timer_);
  if (fd_ >= 0) {
    context_.loop.poller().forget(fd_);
    ::close(fd_);
  }
  context_.loop.destroy_later(context_.http_sessions.remove(id_));
}

}  // namespace carillon::session
