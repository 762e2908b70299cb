// Where a server is, as a person writes it: http://host:port/base, host:port or unix:/path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/bind_address.h"

namespace carillon::cmd {

struct Url {
  std::string host;  // a name or an address, IPv6 without brackets; empty for a unix socket
  uint16_t port = 80;
  std::string unix_path{};
  std::string base{};  // what stands before every path, without a slash at its end

  // The value of Host: "127.0.0.1:8000", "[::1]:8000", "example.com".
  std::string authority() const;
  // For messages: "http://127.0.0.1:8000".
  std::string text() const;
};

// http:// and ws:// mean the same. TLS is not spoken: https:// and wss:// are refused with a
// remedy.
Result<Url, Error> parse_url(std::string_view text);

// How to reach a server on this machine that binds there: 0.0.0.0 means 127.0.0.1.
Url url_of(const config::BindAddress& address);

}  // namespace carillon::cmd
