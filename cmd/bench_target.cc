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

Err<Error> bad_url(std::string_view url) {
  return Err(Error{"bad_url", "--url " + std::string(url) +
                                  " is not of the form http://HOST:PORT or "
                                  "ws://HOST:PORT (bench speaks neither TLS nor IPv6)"});
}

bool is_loopback(const sockaddr_in& address) {
  return ntohl(address.sin_addr.s_addr) >> 24 == 127;
}

}  // namespace

Result<Target, Error> parse_target(std::string_view url) {
  std::string_view rest = url;
  if (rest.starts_with("http://"))
    rest.remove_prefix(7);
  else if (rest.starts_with("ws://"))
    rest.remove_prefix(5);
  else
    return bad_url(url);
  rest = rest.substr(0, rest.find('/'));
  const size_t colon = rest.rfind(':');
  const std::string name(rest.substr(0, colon));
  const std::string port(colon == rest.npos ? "80" : rest.substr(colon + 1));
  if (name.empty() || port.empty()) return bad_url(url);

  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int rc = getaddrinfo(name.c_str(), port.c_str(), &hints, &found); rc != 0)
    return Err(
        Error{"unknown_host", "cannot resolve " + std::string(rest) + ": " + gai_strerror(rc)});
  Target target;
  target.address = *reinterpret_cast<sockaddr_in*>(found->ai_addr);
  target.host = rest;
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
