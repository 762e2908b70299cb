#include "cmd/bench_target.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace carillon::bench {
namespace {

constexpr uint32_t kSourceAddressCount = 16;

bool is_loopback(const sockaddr_in& address) {
  return ntohl(address.sin_addr.s_addr) >> 24 == 127;
}

}  // namespace

Result<Target, Error> resolve_target(const cmd::Url& url) {
  if (!url.unix_path.empty() || url.host.find(':') != std::string::npos)
    return Err(Error{"bad_url",
                     "--url " + url.text() +
                         ": bench speaks TCP over IPv4; give one such as http://127.0.0.1:8000"});
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int rc = getaddrinfo(url.host.c_str(), nullptr, &hints, &found); rc != 0)
    return Err(Error{"unreachable", "cannot resolve " + url.host + ": " + gai_strerror(rc)});
  Target target;
  target.address = *reinterpret_cast<sockaddr_in*>(found->ai_addr);
  target.address.sin_port = htons(url.port);
  target.host = url.authority();
  freeaddrinfo(found);
  return target;
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

int Socket::release() noexcept {
  return std::exchange(fd_, -1);
}

void Socket::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Socket, int> open_connection(const Target& target, const ConnectOptions& options) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return Err(errno);
  const int one = 1;
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (const int bytes = static_cast<int>(options.receive_buffer_bytes); bytes > 0)
    setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (is_loopback(target.address)) {
    setsockopt(socket.fd(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + options.source % kSourceAddressCount);
    if (bind(socket.fd(), reinterpret_cast<sockaddr*>(&source), sizeof source) < 0)
      return Err(errno);
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
  if (connect(socket.fd(), address, sizeof target.address) < 0 && errno != EINPROGRESS)
    return Err(errno);
  return socket;
}

Result<Socket, Error> connect_and_wait(const Target& target, uint32_t timeout_s) {
  auto socket = open_connection(target, {});
  int error = socket ? 0 : socket.error();
  if (socket) {
    pollfd entry{socket->fd(), POLLOUT, 0};
    socklen_t size = sizeof error;
    if (poll(&entry, 1, static_cast<int>(timeout_s) * 1'000) <= 0)
      error = ETIMEDOUT;
    else
      getsockopt(socket->fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error == 0) return std::move(*socket);
  return Err(
      Error{"unreachable", "cannot connect to " + target.host + ": " + strerror(error) +
                               "; start the server there (carillon serve) or give its --url"});
}

}  // namespace carillon::bench
