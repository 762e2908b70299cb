// Where a listener binds: `127.0.0.1:8000`, `[::]:8000`, `localhost:8000` or
// `unix:/run/carillon.sock`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::config {

struct BindAddress {
  std::string
      host;  // IPv4 or IPv6 literal without brackets, or "localhost"; empty for a unix socket
  uint16_t port = 0;      // 0: the kernel chooses
  std::string unix_path;  // empty for TCP
  bool is_unix() const { return !unix_path.empty(); }
  // Reachable from this machine only, over TCP. A unix socket is not: a proxy may stand before it.
  bool is_loopback() const;
};

// Nothing when the text is none of the three forms. Names are not resolved.
std::optional<BindAddress> parse_bind_address(std::string_view text);

}  // namespace carillon::config
