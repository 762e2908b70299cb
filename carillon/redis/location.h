// Where a Redis is and how to greet it: one server, or the master that Sentinels name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/base/secret.h"
#include "carillon/net/tls.h"

namespace carillon::redis {

struct HostPort {
  std::string host = "localhost";  // a name, an IPv4 or an IPv6 address without brackets
  uint16_t port = 6379;

  std::string to_string() const;  // "[::1]:6379"
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// What AUTH says. Both empty: no AUTH. A password alone is that of the user `default`.
struct Credentials {
  std::string username;
  Secret password;

  bool empty() const noexcept { return username.empty() && password.empty(); }
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// The group of servers whose master is wanted. `Location`'s own credentials, database and TLS are
// the master's; TLS is the Sentinels' too.
struct SentinelGroup {
  std::vector<HostPort> sentinels;  // asked in turn; their usual port is 26379
  std::string master_name;
  Credentials credentials;  // the Sentinels' own

  friend bool operator==(const SentinelGroup&, const SentinelGroup&) = default;
};

// A value: what a connection needs to know. Holds secrets; print it with to_string() alone.
struct Location {
  HostPort server;        // when there is neither a path nor a Sentinel
  std::string unix_path;  // of a Unix-domain socket
  std::optional<SentinelGroup> sentinel;
  uint32_t database = 0;
  Credentials credentials;
  std::optional<net::TlsOptions> tls;

  // Reads `redis://[user[:password]@]host[:port][/db][?options]`, `rediss://…` (TLS) and
  // `unix://[user:password@]/path.sock[?db=n]`. Parts are percent-decoded; host, port and database
  // default to localhost, 6379 and 0, and `?db=` beats the path. Options: db, ssl_cert_reqs
  // (none, optional, required), ssl_check_hostname, ssl_ca_certs, ssl_certfile, ssl_keyfile;
  // those that tune redis-py itself (socket_timeout, max_connections, …) are taken and mean
  // nothing here. The error says what is wrong and never quotes a secret.
  static Result<Location, Error> parse(std::string_view url);

  // As a URL, the password as `***`; a Sentinel's as
  // `redis+sentinel://host:port,host:port/master_name/db`.
  std::string to_string() const;

  friend bool operator==(const Location&, const Location&) = default;
};

}  // namespace carillon::redis
