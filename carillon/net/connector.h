// Outgoing connections: from a host's name or a path to a connected socket, without blocking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/net/socket.h"

namespace carillon::net {

struct ConnectTarget {
  std::string host;  // a name or an IP address without brackets
  uint16_t port = 0;
  std::string unix_path;  // not empty: a Unix-domain socket, and the others mean nothing

  std::string to_string() const;  // "redis.local:6379", "[::1]:6379", "unix:/path"
  friend bool operator==(const ConnectTarget&, const ConnectTarget&) = default;
};

// The socket does not block; TCP has TCP_NODELAY and keepalive (a peer that is gone without a word
// is noticed within about a minute). Errors: `connect_timeout`, `connect`, and the Resolver's; each
// says where to.
using OnConnect = UniqueFunction<void(Result<Fd, Error>)>;

// One attempt at a time, on one loop. Every address of a name is tried in turn, each for its fair
// share of the time that is left. May be destroyed at any time, in `then` too.
class Connector {
 public:
  // Both are borrowed for life.
  Connector(EventLoop& loop, Resolver& resolver);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // `then` is called once, in a later turn of the loop, unless cancel() or the end comes first.
  // Not while another attempt is under way.
  void connect(ConnectTarget target, uint64_t timeout_ms, OnConnect then);
  void cancel();

 private:
  class Attempt;
  EventLoop& loop_;
  Resolver& resolver_;
  std::unique_ptr<Attempt> attempt_;
};

}  // namespace carillon::net
