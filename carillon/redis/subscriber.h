// A connection in subscribe mode, which keeps its subscriptions across connections.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/location.h"
#include "carillon/redis/trouble.h"
#include "carillon/resp/reply_parser.h"

namespace carillon::redis {

struct SubscriberOptions {
  uint64_t connect_timeout_ms = 5'000;  // for connecting, and again for greeting
  uint64_t ping_interval_ms = 2'000;    // silence until PING
  uint64_t ping_timeout_ms = 5'000;     // silence after PING: the connection is dead
  uint64_t retry_ms_min = 50;           // see Backoff
  uint64_t retry_ms_max = 2'000;
  uint64_t sentinel_interval_ms = 1'000;
  size_t channel_count_max = 1'000'000;  // channels and patterns together
  std::string client_name = "carillon";
  resp::ReplyLimits reply_limits;
};

// Views are good for the call alone.
struct PublishedMessage {
  std::string_view channel;
  std::string_view payload;
  std::string_view pattern;  // that matched; empty for a plain subscription
};

// All but on_message may be left empty. Each is called on the loop, and never inside a call of the
// Subscriber.
struct SubscriberEvents {
  UniqueFunction<void(const PublishedMessage&)> on_message;
  // Redis has confirmed: what is published from now on arrives. After a reconnection it is called
  // for each channel again.
  UniqueFunction<void(std::string_view channel)> on_subscribed;
  // is_ready() or trouble() has changed.
  UniqueFunction<void()> on_change;
  // After a reconnection all that was subscribed is confirmed again: what was published between
  // the on_change() that said not ready and now is lost.
  UniqueFunction<void()> on_resubscribed;
};

// Lives on one loop: every call and every callback happens there. It may be destroyed at any time,
// in its own callbacks too. Channels are remembered while there is no connection, and subscribed
// to in batches when there is one. A name that an ACL forbids makes the Subscriber not ready, with
// NOPERM as the trouble, until it may be subscribed to or is unsubscribed.
class Subscriber {
 public:
  // `loop` and `resolver` are borrowed for life.
  Subscriber(net::EventLoop& loop,
             net::Resolver& resolver,
             Location location,
             SubscriberEvents events,
             SubscriberOptions options = {});
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Begins to connect. Once.
  void start();

  // Idempotent. What one turn of the loop asks for leaves together at its end. False past
  // `channel_count_max`, and nothing is changed.
  [[nodiscard]] bool subscribe(std::string_view channel);
  void unsubscribe(std::string_view channel);
  [[nodiscard]] bool psubscribe(std::string_view pattern);
  void punsubscribe(std::string_view pattern);

  // Redis has confirmed the channel (not the pattern) on the connection that there is now.
  bool is_subscribed(std::string_view channel) const;

  // Connected, and all that was asked for before the connection was made is confirmed.
  bool is_ready() const noexcept;
  // Why it is not ready: one line, with the remedy. Empty while ready.
  const std::string& trouble() const noexcept;
  Cause cause() const noexcept;  // meaningful while not ready

  size_t channel_count() const noexcept;  // channels and patterns wanted
  // Connections made after the first one.
  uint64_t reconnect_count() const noexcept;

  // Closes the connection for good; no callback comes after it.
  void stop();

 private:
  class Core;
  net::EventLoop& loop_;
  std::unique_ptr<Core> core_;
};

}  // namespace carillon::redis
