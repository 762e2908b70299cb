// The part of an HttpSession that makes a WebSocket of it.
#include "carillon/http/request_parser.h"
#include "carillon/session/http_session.h"

namespace carillon::session {
namespace {

http::Response pipelined_problem() {
  // The answers before it are still due: a client that pipelines a handshake gets no upgrade.
  return http::problem(400, "A handshake may not be pipelined.", "bad_request");
}

}  // namespace

void HttpSession::upgrade(const consumer::Endpoint& endpoint,
                          std::vector<std::string> params,
                          std::string_view bytes,
                          size_t head_bytes) {
  Handshake handshake{.endpoint = &endpoint, .params = std::move(params)};
  if (auto checked = check_request(context_, handshake, address_); !checked) {
    return refuse(checked.error());
  }
  const std::string_view leftover = bytes.substr(head_bytes);
  if (next_question(context_, handshake) == Question::kNone) {
    return complete(std::move(handshake), leftover);
  }
  if (!answers_.empty() || !output_.empty()) {
    context_.process.admission.leave(address_);
    is_closing_ = true;
    return refuse(pipelined_problem());
  }
  asking_ = std::make_unique<Asking>(Asking{.handshake = std::move(handshake)});
  ask(leftover);
  if (asking_ != nullptr) asking_->head.assign(bytes.substr(0, head_bytes));
}

void HttpSession::ask(std::string_view leftover) {
  asking_->is_late = false;
  while (!asking_->refusal) {
    const Question question = next_question(context_, asking_->handshake);
    if (question == Question::kNone) {
      const std::unique_ptr<Asking> asked = std::move(asking_);  // its head until the end
      return complete(std::move(asked->handshake), leftover);
    }
    asking_->is_waiting = true;
    ask_for(question);
    if (asking_->is_waiting) {
      asking_->is_late = true;
      return;
    }
  }
  const std::unique_ptr<Asking> asked = std::move(asking_);
  context_.process.admission.leave(address_);
  refuse(*asked->refusal);
}

void HttpSession::ask_for(Question question) {
  const auto then = [&context = context_, id = id_](auto answer) {
    HttpSession* session = context.http_sessions.find(id);
    if (session != nullptr) session->take_answer(std::move(answer));
  };
  switch (question) {
    case Question::kNone:
      return;
    case Question::kSession:
      return context_.sessions->look_up(*asking_->handshake.credentials, then);
    case Question::kRights:
      return context_.directory.look_up(asking_->handshake.identity.user_id, then);
  }
}

void HttpSession::take_answer(Result<auth::Identity, auth::AuthError> identity) {
  if (asking_ == nullptr) return;  // given up
  on_answer(answer_session(asking_->handshake, std::move(identity)));
}

void HttpSession::take_answer(Result<auth::UserRights, auth::AuthError> rights) {
  if (asking_ == nullptr) return;  // given up
  on_answer(answer_rights(asking_->handshake, rights));
}

void HttpSession::on_answer(Result<void, http::Response> applied) {
  if (!applied) asking_->refusal = applied.error();
  asking_->is_waiting = false;
  if (asking_->is_late) on_late_answer();
}

void HttpSession::on_late_answer() {
  size_t scanned = 0;
  const auto parsed = http::parse_head(asking_->head, head_limits(), context_.request, scanned);
  CARILLON_ASSERT(parsed && *parsed);
  is_handling_ = true;
  ask(input_);
  is_handling_ = false;
  if (!is_upgraded_ && !is_finished_) flush();
}

void HttpSession::give_up_asking() {
  asking_.reset();
  context_.process.admission.leave(address_);
  context_.metrics.http_requests.add();
  context_.metrics.handshakes(503).add();
  is_closing_ = true;
  answer(add_answer(), auth::problem_for(auth::AuthError::kDirectoryUnavailable), false, false);
  flush();
}

void HttpSession::complete(Handshake handshake, std::string_view leftover) {
  auto admitted = admit(context_, std::move(handshake));
  if (!admitted) {
    context_.process.admission.leave(address_);
    return refuse(admitted.error());
  }
  if (!answers_.empty() || !output_.empty()) {
    context_.process.admission.leave(address_);
    is_closing_ = true;
    return answer(add_answer(), pipelined_problem(), false, false);
  }
  is_upgraded_ = true;
  net::Fd socket(fd_);
  fd_ = -1;
  auto* data = reinterpret_cast<std::byte*>(const_cast<char*>(leftover.data()));
  WsSession::start(context_, std::move(socket), address_, std::move(*admitted),
                   {data, leftover.size()});
  finish();
}

void HttpSession::refuse(const http::Response& response) {
  context_.metrics.http_requests.add();
  context_.metrics.handshakes(response.status).add();
  const http::Request& request = context_.request;
  const bool keep_alive = !is_closing_ && request.keep_alive && !request.is_chunked &&
                          request.content_length.value_or(0) == 0;
  if (!keep_alive) is_closing_ = true;
  answer(add_answer(), response, keep_alive, false);
}

}  // namespace carillon::session
