// One connection to one Redis server, from its address to its end: connects, greets, carries bytes.
// It is never made again; Link makes the next one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carillon/base/unique_function.h"
#include "carillon/net/connector.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/net/stream.h"
#include "carillon/redis/location.h"
#include "carillon/redis/timer.h"
#include "carillon/redis/trouble.h"
#include "carillon/resp/reply.h"
#include "carillon/resp/reply_parser.h"

namespace carillon::redis {

struct ConnectionOptions {
  net::ConnectTarget target;
  std::shared_ptr<const net::TlsContext> tls;  // null: in clear
  Credentials credentials;
  uint32_t database = 0;
  std::string client_name;              // empty: none is set
  bool must_be_master = false;          // ROLE must say so, if the user may ask
  uint64_t connect_timeout_ms = 5'000;  // for connecting, and again for greeting
  resp::ReplyLimits reply_limits;
};

// Called on the loop, never inside a call of the Connection.
struct ConnectionEvents {
  UniqueFunction<void()> on_open;
  UniqueFunction<void(resp::Reply)> on_reply;   // in the order of the commands
  UniqueFunction<void(const Trouble&)> on_end;  // once, and nothing after it
};

// On one loop. Its owner calls close() and then hands it to the loop (`retire`), since the poller
// may still know it until the turn ends.
class Connection final : public net::IoHandler {
 public:
  // `loop` and `resolver` are borrowed for life.
  Connection(net::EventLoop& loop,
             net::Resolver& resolver,
             ConnectionOptions options,
             ConnectionEvents events);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // No event comes after it. Idempotent.
  void close();

  bool is_open() const noexcept { return state_ == State::kOpen; }
  // While open: where commands are appended. They leave with flush(), or when the socket has room.
  std::string& output() noexcept { return output_; }
  void flush();
  // Bytes that wait for the socket, and those that it has taken since the connection was open.
  size_t waiting_bytes() const noexcept { return output_.size() - written_; }
  uint64_t taken_bytes() const noexcept { return taken_bytes_; }
  // When bytes last came, on the loop's clock.
  uint64_t last_read_ms() const noexcept { return last_read_ms_; }

  void on_ready(uint8_t readiness) override;

 private:
  enum class State : uint8_t { kIdle, kConnecting, kHandshake, kGreeting, kOpen, kClosed };
  enum class Greeting : uint8_t { kAuth, kSelect, kSetName, kRole, kPing };

  void on_connected(Result<net::Fd, Error> socket);
  Result<net::Stream, Error> make_stream(net::Fd socket);
  void continue_handshake();
  void on_deadline();
  void greet();
  void on_greeting_reply(const resp::Reply& reply);
  // What is wrong with the answer to a part of the greeting; empty: nothing.
  std::optional<Trouble> judge(Greeting part, const resp::Reply& reply) const;
  void read();
  void take_replies();
  void write();
  void watch_writable(bool is_wanted);
  Trouble io_trouble(net::IoResult::Kind kind) const;
  void end(const Trouble& trouble);
  void end_later(Trouble trouble);

  net::EventLoop& loop_;
  const ConnectionOptions options_;
  ConnectionEvents events_;
  net::Connector connector_;
  Timer deadline_;
  State state_ = State::kIdle;
  std::optional<net::Stream> stream_;
  bool is_writable_watched_ = false;
  resp::ReplyParser parser_;
  std::vector<resp::Reply> replies_;
  std::vector<Greeting> greeting_;  // parts without their answer
  size_t greeted_count_ = 0;
  std::string output_;
  size_t written_ = 0;  // of the front of output_
  uint64_t taken_bytes_ = 0;
  uint64_t last_read_ms_ = 0;
};

// Ends what a turn of the loop may still know: closes it now, destroys it when the turn is over.
template <class T>
void retire(net::EventLoop& loop, std::unique_ptr<T> object) {
  if (object == nullptr) return;
  object->close();
  loop.post([closed = std::move(object)] {});
}

}  // namespace carillon::redis
