#include "carillon/net/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace carillon::net {
namespace {

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

Error bad_address(std::string_view text) {
  return {"bad_address", "cannot listen on '" + std::string(text) +
                             "': give HOST:PORT, [IPv6]:PORT or unix:/path"};
}

Result<Address, Error> parse_unix(std::string_view text) {
  Address address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  const std::string_view path = text.substr(5);
  if (path.empty() || path.size() >= sizeof un.sun_path) return Err(bad_address(text));
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

Error cannot_listen(const Address& address, std::string_view remedy) {
  const int reason = errno;
  std::string what = "cannot listen on " + address.to_string() + ": " + std::strerror(reason);
  if (reason == EADDRINUSE) what += std::string("; ") + std::string(remedy);
  return {reason == EADDRINUSE ? "address_in_use" : "listen", std::move(what)};
}

// A path left behind by a process that is gone would refuse the bind. What somebody listens on, or
// what is no socket at all, stays and does refuse it.
void remove_stale_socket(const Address& address) {
  const char* path = reinterpret_cast<const sockaddr_un&>(address.storage).sun_path;
  struct stat status;
  if (::lstat(path, &status) < 0 || !S_ISSOCK(status.st_mode)) return;
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(probe.get(), raw, address.length) < 0 && errno == ECONNREFUSED) ::unlink(path);
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

int Fd::release() noexcept {
  return std::exchange(fd_, -1);
}

Result<Address, Error> Address::parse(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text);
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Err(bad_address(text));
  const auto port = parse_port(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return Err(bad_address(text));
  Address address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(*port);
    address.length = sizeof in6;
    if (inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &in6.sin6_addr) != 1) {
      return Err(bad_address(text));
    }
    return address;
  }
  if (host == "localhost") host = "127.0.0.1";
  auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
  in.sin_family = AF_INET;
  in.sin_port = htons(*port);
  address.length = sizeof in;
  if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) != 1) return Err(bad_address(text));
  return address;
}

bool Address::is_loopback() const noexcept {
  if (storage.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
    return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
  }
  if (storage.ss_family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6&>(storage);
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
  }
  return storage.ss_family == AF_UNIX;
}

uint16_t Address::port() const noexcept {
  if (storage.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  }
  if (storage.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  }
  return 0;
}

std::string Address::to_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage).sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(port());
  }
  if (storage.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, text,
              sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(port());
  }
  return "unix:" + std::string(reinterpret_cast<const sockaddr_un&>(storage).sun_path);
}

Result<Fd, Error> listen_on(const Address& address, const ListenOptions& options) {
  const int family = address.storage.ss_family;
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return Err(cannot_listen(address, ""));
  const int one = 1;
  if (address.is_unix()) {
    remove_stale_socket(address);
  } else {
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (options.reuse_port) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  if (options.send_buffer_bytes != 0) {
    // The kernel doubles what it is told, to cover its own bookkeeping (socket(7)).
    const int bytes = static_cast<int>(options.send_buffer_bytes / 2);
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::bind(fd.get(), raw, address.length) < 0 || ::listen(fd.get(), options.backlog) < 0) {
    return Err(cannot_listen(address, "stop the other server, or give another --bind"));
  }
  return fd;
}

Result<Address, Error> local_address(const Fd& socket) {
  Address address;
  address.length = sizeof address.storage;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.length) <
      0) {
    return Err(Error{"getsockname", std::strerror(errno)});
  }
  return address;
}

}  // namespace carillon::net
