// One pipelined connection to a Redis, made again whenever it ends.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/location.h"
#include "carillon/redis/trouble.h"
#include "carillon/resp/reply.h"
#include "carillon/resp/reply_parser.h"

namespace carillon::redis {

// Why a command has no answer, or a bad one.
struct CommandError {
  enum class Kind : uint8_t {
    kUnavailable,  // it was never sent
    kLost,         // the connection ended before its answer: it may have been executed, or not
    kRefused,      // Redis answered with an error
  };
  Kind kind = Kind::kUnavailable;
  std::string text;  // one line: the error reply, or the connection's trouble
};

// An error reply is a CommandError; errors within an array (EXEC) are elements of it.
using CommandResult = Result<resp::Reply, CommandError>;
using OnReply = UniqueFunction<void(CommandResult)>;

struct ClientOptions {
  uint64_t connect_timeout_ms = 5'000;  // for connecting, and again for greeting
  uint64_t command_timeout_ms = 5'000;  // silence with commands pending: the connection is dead
  uint64_t health_interval_ms = 2'000;  // silence with none pending: PING
  uint64_t retry_ms_min = 50;           // see Backoff
  uint64_t retry_ms_max = 2'000;
  uint64_t sentinel_interval_ms = 1'000;        // how often a Sentinel is asked who is the master
  size_t pending_commands_max = 65'536;         // commands without their answer
  size_t pending_bytes_max = 64 * 1024 * 1024;  // bytes that the kernel has not taken yet
  // A key under which this user may write, for a client that must write: `ZADD key XX 0 -`, which
  // writes nothing, tells whether writes are taken (OOM, MISCONF, READONLY, NOPERM). It is sent
  // when a connection is made and, while writes are refused, every retry_ms_max / 4. Empty:
  // is_ready() says nothing about writes, and a replica is noticed only by the error to a command.
  std::string write_probe_key;
  std::string client_name = "carillon";  // CLIENT SETNAME; refusal is no error
  resp::ReplyLimits reply_limits;
};

// Lives on one loop: every call and every callback happens there, and the callbacks never inside a
// call of the Client. It may be destroyed at any time, in its own callbacks too; commands without
// an answer are then forgotten without a call.
//
// A connection that ends, for whatever cause, is made again with jittered exponential back-off. A
// Sentinel is asked all the time, so that a new master is connected to within about
// `sentinel_interval_ms` of the Sentinel's knowing it.
class Client {
 public:
  using OnChange = UniqueFunction<void()>;

  // `loop` and `resolver` are borrowed for life.
  Client(net::EventLoop& loop,
         net::Resolver& resolver,
         Location location,
         ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Called whenever is_ready() or trouble() has changed. Set before start().
  void set_on_change(OnChange on_change);
  // Begins to connect. Once.
  void start();

  // Sends a command, in the order of the calls; `then` is called once, in the order of the calls
  // too but for kUnavailable. What one turn of the loop queues leaves together at the turn's end,
  // or with flush(). Nothing waits for a connection: without one it is kUnavailable, as it is past
  // the bounds. A command that blocks in Redis says for how long with `blocks_ms`, which is added
  // to the timeout.
  void command(std::span<const std::string_view> args, OnReply then, uint64_t blocks_ms = 0);
  void command(std::initializer_list<std::string_view> args, OnReply then, uint64_t blocks_ms = 0);
  // MULTI, the commands, EXEC: all of them are sent and executed, or none. `then` gets the array
  // of their answers; one error among them makes the whole kRefused.
  void transaction(std::span<const std::vector<std::string_view>> commands, OnReply then);
  // Hands what is queued to the kernel now.
  void flush();

  // Connected, greeted, and (with a write_probe_key) writes are taken.
  bool is_ready() const noexcept;
  // Commands are sent: also while writes are refused, for reading goes on.
  bool is_connected() const noexcept;
  // Why it is not ready: one line, with the remedy. Empty while ready.
  const std::string& trouble() const noexcept;
  Cause cause() const noexcept;  // meaningful while not ready

  size_t pending_count() const noexcept;
  // Connections made after the first one.
  uint64_t reconnect_count() const noexcept;

  // Takes no more commands, and calls `then` once: when those pending have their answers, or after
  // `deadline_ms`, when the rest has been failed with kLost. The connection is then closed for
  // good.
  void stop(uint64_t deadline_ms, UniqueFunction<void()> then);

 private:
  class Core;
  net::EventLoop& loop_;
  std::unique_ptr<Core> core_;
};

}  // namespace carillon::redis
