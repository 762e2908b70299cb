// The server that is put under load: where it is, and sockets to it.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "cmd/url.h"

namespace carillon::bench {

struct Target {
  sockaddr_in address{};
  std::string host;  // for the Host header
};

// Looks the host up. Over TCP and IPv4 alone; the URL's base is ignored.
Result<Target, Error> resolve_target(const cmd::Url& url);

// A descriptor that is closed with its owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) noexcept : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  int fd() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }
  int release() noexcept;
  void close() noexcept;

 private:
  int fd_ = -1;
};

struct ConnectOptions {
  // On loopback the source address is one of 127.0.0.1 to 127.0.0.16 by this number, so that more
  // connections fit than one address has ports.
  uint32_t source = 0;
  uint32_t receive_buffer_bytes = 0;  // 0: the kernel's choice
};

// A non-blocking TCP socket on its way to the target (on loopback mostly there already). The error
// is an errno.
Result<Socket, int> open_connection(const Target& target, const ConnectOptions& options);

// The same, but waits until the connection stands; an "unreachable" error says what to do.
Result<Socket, Error> connect_and_wait(const Target& target, uint32_t timeout_s);

}  // namespace carillon::bench
