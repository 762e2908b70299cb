// The server's side of one HTTP/1.1 connection, until it ends or becomes a WebSocket.
#pragma once

#include <sys/socket.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/http/chunked_decoder.h"
#include "carillon/http/http_error.h"
#include "carillon/http/limits.h"
#include "carillon/http/response.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/socket.h"
#include "carillon/session/handshake.h"
#include "carillon/session/worker_context.h"

namespace carillon::session {

// Owned by its worker's table. Requests may be pipelined; answers leave in their order, and those
// that are ready together leave in one write. A request that has not arrived whole
// handshake_timeout_ms after its connection opened (or after its first byte) ends it; so does a
// handshake whose user nobody has told by then.
class HttpSession final : public net::Disposable, public net::IoHandler, public net::TimerHandler {
 public:
  static constexpr size_t kPipelinedMax = 64;          // unanswered requests; reading waits beyond
  static constexpr uint64_t kIdleMs = 75'000;          // between requests
  static constexpr size_t kOutputBytesMax = 4u << 20;  // unread answers; reading waits beyond

  // `is_metrics_bind`: accepted on metrics.bind, where there are no endpoints.
  static void start(WorkerContext& context,
                    net::Fd socket,
                    const sockaddr_storage& address,
                    bool is_metrics_bind = false);
  ~HttpSession() override;

  void on_ready(uint8_t readiness) override;
  void on_timer() override;
  // The drain has begun: ends now if nothing is under way, else after it.
  void close_when_idle();
  // The process ends.
  void abandon() { finish(); }

 private:
  struct Answer {
    std::string bytes;
    bool is_ready = false;
    bool ends_connection = false;
  };
  // A request whose body has not arrived whole: its head, kept while the body comes in.
  struct Pending {
    std::string head;
    http::Request request;  // views of `head`
    std::string body;
    http::ChunkedDecoder chunks;
  };

  // A handshake while somebody is asked who its user is or what he may. It holds a place of
  // Admission. What the peer sends meanwhile waits; no more than one read of it is taken.
  struct Asking {
    Handshake handshake;
    std::string head = {};  // kept once the answer is late, and parsed again when it comes
    std::optional<http::Response> refusal = {};
    bool is_waiting = false;
    bool is_late = false;  // the answer must make the session go on by itself
  };

  HttpSession(WorkerContext& context,
              net::Fd socket,
              const sockaddr_storage& address,
              bool is_metrics_bind);

  void read();
  // Handles what requests are whole at the front of `bytes`; returns how many bytes that took.
  size_t take_requests(std::string_view bytes);
  // Of one request whose head is at the front; 0 when it is not whole.
  size_t take_request(std::string_view bytes);
  size_t take_body(std::string_view bytes);
  void begin_body(std::string_view head_bytes);
  void handle(const http::Request& request, std::string_view body);

  // `bytes` begin with the handshake's head, of `head_bytes`.
  void upgrade(const consumer::Endpoint& endpoint,
               std::vector<std::string> params,
               std::string_view bytes,
               size_t head_bytes);
  // Asks until all is known, or until an answer is late.
  void ask(std::string_view leftover);
  void ask_for(Question question);
  void take_answer(Result<auth::Identity, auth::AuthError> identity);
  void take_answer(Result<auth::UserRights, auth::AuthError> rights);
  void on_answer(Result<void, http::Response> applied);
  void on_late_answer();
  // Nobody has answered in time, or the process ends: 503.
  void give_up_asking();
  void complete(Handshake handshake, std::string_view leftover);
  void refuse(const http::Response& response);

  void fail(http::HttpError error);

  // The place of the next answer, by number.
  uint64_t add_answer();
  void answer(uint64_t number, const http::Response& response, bool keep_alive, bool head_only);
  void flush();
  http::Limits head_limits() const;
  bool may_take_more() const;
  void update_interest();
  void schedule();
  void finish();

  WorkerContext& context_;
  consumer::SessionId id_;
  sockaddr_storage address_;
  net::TimerId timer_;
  int fd_;
  uint8_t interest_ = net::kReadable;
  bool is_closing_ = false;    // no request is read any more; ends when all is answered
  bool is_lingering_ = false;  // all is answered: what the peer still sends is thrown away
  bool is_draining_ = false;
  bool is_finished_ = false;
  bool is_upgraded_ = false;
  bool is_handling_ = false;
  const bool is_metrics_bind_;
  size_t scanned_ = 0;  // of `input_`: searched for the end of the head
  std::string input_;   // a request that has not arrived whole, or must wait
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<Asking> asking_;
  uint64_t first_answer_ = 0;  // the number of answers_.front()
  std::deque<Answer> answers_;
  std::string output_;
  size_t output_sent_ = 0;
  uint64_t deadline_ms_ = 0;
};

}  // namespace carillon::session
