// Asks Sentinels who is the master, all the time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/connection.h"
#include "carillon/redis/location.h"
#include "carillon/redis/timer.h"
#include "carillon/redis/trouble.h"

namespace carillon::redis {

struct MasterWatchOptions {
  SentinelGroup group;
  std::shared_ptr<const net::TlsContext> tls;  // null: in clear
  std::string client_name;
  uint64_t interval_ms = 1'000;  // between questions, and how long each may take
};

// Called on the loop, never inside a call of the watch.
struct MasterWatchEvents {
  // A first address, or another one than last time.
  UniqueFunction<void(const HostPort&)> on_master;
  // All Sentinels have been asked in turn and none had an answer. They are asked again.
  UniqueFunction<void(const Trouble&)> on_trouble;
};

// Keeps a connection to one Sentinel, and goes on to the next when that one fails. Whether the
// server is a master by its own word is for the Connection to it to check. See Connection for its
// end.
class MasterWatch {
 public:
  // `loop` and `resolver` are borrowed for life; the group has at least one Sentinel.
  MasterWatch(net::EventLoop& loop,
              net::Resolver& resolver,
              MasterWatchOptions options,
              MasterWatchEvents events);
  MasterWatch(const MasterWatch&) = delete;
  MasterWatch& operator=(const MasterWatch&) = delete;

  void start();
  void close();

 private:
  void connect();
  void ask();
  void on_reply(const resp::Reply& reply);
  void on_due();
  // This Sentinel had no answer: the next is asked, at once but for when all have been.
  void fail(Trouble trouble);

  net::EventLoop& loop_;
  net::Resolver& resolver_;
  const MasterWatchOptions options_;
  MasterWatchEvents events_;
  Timer timer_;
  std::unique_ptr<Connection> connection_;
  size_t index_ = 0;          // of the Sentinel that is asked
  size_t failed_in_row_ = 0;  // Sentinels
  bool is_awaiting_ = false;  // an answer
  std::optional<HostPort> master_;
};

}  // namespace carillon::redis
