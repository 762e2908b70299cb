// Addresses to bind to, and the sockets that listen there.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/error.h"
#include "carillon/base/result.h"

namespace carillon::net {

// Closes its descriptor when it goes.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const noexcept { return fd_; }
  bool is_open() const noexcept { return fd_ >= 0; }
  int release() noexcept;

 private:
  int fd_ = -1;
};

// Where to listen or connect: HOST:PORT with an IPv4 address or `localhost`, [IPv6]:PORT, or
// unix:/path.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  static Result<Address, Error> parse(std::string_view text);
  bool is_unix() const noexcept { return storage.ss_family == AF_UNIX; }
  bool is_loopback() const noexcept;
  uint16_t port() const noexcept;
  std::string to_string() const;
};

struct ListenOptions {
  bool reuse_port = true;          // one socket a loop, shared by the kernel
  uint32_t send_buffer_bytes = 0;  // cap of each accepted socket's kernel buffer; 0: the kernel's
  int backlog = 4096;
};

// A listening, non-blocking socket. TCP_NODELAY and the buffer cap are set on it and inherited by
// what it accepts, which saves two system calls a connection.
Result<Fd, Error> listen_on(const Address& address, const ListenOptions& options);
// The address that the kernel gave, for port 0.
Result<Address, Error> local_address(const Fd& socket);

}  // namespace carillon::net
