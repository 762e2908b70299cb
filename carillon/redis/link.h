// Connections to a location, one after the other, for as long as it is wanted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "carillon/base/random.h"
#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/backoff.h"
#include "carillon/redis/connection.h"
#include "carillon/redis/location.h"
#include "carillon/redis/sentinel.h"
#include "carillon/redis/timer.h"
#include "carillon/redis/trouble.h"

namespace carillon::redis {

struct LinkOptions {
  Location location;
  std::string client_name;
  uint64_t connect_timeout_ms = 5'000;
  uint64_t retry_ms_min = 50;
  uint64_t retry_ms_max = 2'000;
  uint64_t sentinel_interval_ms = 1'000;
  resp::ReplyLimits reply_limits;
};

// Called on the loop, never inside a call of the Link but for drop().
struct LinkEvents {
  UniqueFunction<void()> on_open;
  UniqueFunction<void(resp::Reply)> on_reply;
  // The connection has ended, or an attempt at one has failed, or there is no Sentinel to say where
  // to try; another attempt follows by itself. The old connection can still be asked for its bytes.
  UniqueFunction<void(const Trouble&)> on_end;
};

// What Client and Subscriber have in common. See Connection for its end.
class Link {
 public:
  // `loop` and `resolver` are borrowed for life.
  Link(net::EventLoop& loop, net::Resolver& resolver, LinkOptions options, LinkEvents events);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();
  void close();

  bool is_open() const noexcept { return connection_ != nullptr && connection_->is_open(); }
  // While open, and in on_end.
  Connection& connection() noexcept { return *connection_; }
  bool has_connection() const noexcept { return connection_ != nullptr; }
  // Ends the connection, for a reason that its owner has: on_end() is called.
  void drop(const Trouble& trouble);
  // Connections made after the first one.
  uint64_t reconnect_count() const noexcept { return open_count_ < 2 ? 0 : open_count_ - 1; }

 private:
  void connect();
  void start_watch();
  void on_master(const HostPort& master);
  void on_open();
  void on_end(const Trouble& trouble);
  Result<void, Error> load_tls();

  net::EventLoop& loop_;
  net::Resolver& resolver_;
  const LinkOptions options_;
  LinkEvents events_;
  Random random_;
  Backoff backoff_;
  Timer retry_;
  std::shared_ptr<const net::TlsContext> tls_;
  std::unique_ptr<MasterWatch> watch_;
  std::optional<HostPort> master_;  // by the Sentinels' word
  std::unique_ptr<Connection> connection_;
  uint64_t opened_at_ms_ = 0;
  uint64_t open_count_ = 0;
  bool is_closed_ = false;
};

}  // namespace carillon::redis
