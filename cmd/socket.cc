#include "cmd/socket.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace carillon::cmd {
namespace {

constexpr std::string_view kStartIt =
    "start the server with ./run or `carillon serve`, or give its address with --url";

Error unreachable(const std::string& name, std::string_view reason) {
  return {"unreachable", fmt::format("{}: {}; {}", name, reason, kStartIt)};
}

Error timed_out(const std::string& name, const Deadline& deadline) {
  return {"timeout",
          fmt::format("{}: no answer within {} ms; look at the server's load and log, or "
                      "give more time with --timeout",
                      name, deadline.timeout_ms())};
}

std::string lower_first(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

std::string reason_of(int error) {
  return lower_first(std::strerror(error));
}

struct AddressList {
  addrinfo* first = nullptr;
  AddressList() = default;
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

// Starts to connect; 0, EINPROGRESS or why not.
int begin_connect(int descriptor, const sockaddr* address, socklen_t length) {
  if (::connect(descriptor, address, length) == 0) return 0;
  return errno == EINTR ? EINPROGRESS : errno;
}

int connect_result(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

bool wait_until(int descriptor, int events, const Deadline& deadline) {
  pollfd watched{.fd = descriptor, .events = static_cast<short>(events), .revents = 0};
  for (;;) {
    const int ready = poll(&watched, 1, deadline.remaining_ms());
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace

int Deadline::remaining_ms() const {
  const uint64_t now_ms = clock_.monotonic_ms();
  return now_ms >= end_ms_ ? 0 : static_cast<int>(std::min<uint64_t>(end_ms_ - now_ms, INT32_MAX));
}

Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(name_, other.name_);
  return *this;
}

namespace {

// A descriptor that is connecting to `address`, or -1 with `error` set.
int open_and_connect(const addrinfo& address, const Deadline& deadline, int& error) {
  const int descriptor =
      socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    error = errno;
    return -1;
  }
  error = begin_connect(descriptor, address.ai_addr, address.ai_addrlen);
  if (error == EINPROGRESS) {
    error = wait_until(descriptor, POLLOUT, deadline) ? connect_result(descriptor) : ETIMEDOUT;
  }
  if (error == 0) return descriptor;
  close(descriptor);
  return -1;
}

int connect_unix(const Url& url, const Deadline& deadline, int& error) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  url.unix_path.copy(name.sun_path, sizeof name.sun_path - 1);
  addrinfo address{};
  address.ai_family = AF_UNIX;
  address.ai_socktype = SOCK_STREAM;
  address.ai_addr = reinterpret_cast<sockaddr*>(&name);
  address.ai_addrlen = sizeof name;
  return open_and_connect(address, deadline, error);
}

}  // namespace

Result<Socket, Error> Socket::connect(const Url& url, const Deadline& deadline) {
  std::string name = url.text();
  int error = 0;
  if (!url.unix_path.empty()) {
    const int descriptor = connect_unix(url, deadline, error);
    if (descriptor < 0) return Err(unreachable(name, reason_of(error)));
    return Socket(descriptor, std::move(name));
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  AddressList found;
  const int status =
      getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found.first);
  if (status != 0) return Err(unreachable(name, lower_first(gai_strerror(status))));
  for (const addrinfo* address = found.first; address != nullptr; address = address->ai_next) {
    const int descriptor = open_and_connect(*address, deadline, error);
    if (descriptor < 0) continue;
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Socket(descriptor, std::move(name));
  }
  return Err(unreachable(name, reason_of(error)));
}

Result<void, Error> Socket::wait(int events, const Deadline& deadline) const {
  if (wait_until(descriptor_, events, deadline)) return {};
  return Err(timed_out(name_, deadline));
}

Result<void, Error> Socket::write_all(std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      if (auto waited = wait(POLLOUT, deadline); !waited) return waited;
    } else if (errno != EINTR) {
      return Err(Error{"closed", fmt::format("{}: {} while sending; look at the server's log",
                                             name_, reason_of(errno))});
    }
  }
  return {};
}

Result<size_t, Error> Socket::read_some(MutableByteView into, const Deadline& deadline) {
  for (;;) {
    const ssize_t count = recv(descriptor_, into.data(), into.size(), 0);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno == EAGAIN) {
      if (auto waited = wait(POLLIN, deadline); !waited) return Err(waited.error());
    } else if (errno != EINTR) {
      return Err(Error{"closed", fmt::format("{}: {} while receiving; look at the server's log",
                                             name_, reason_of(errno))});
    }
  }
}

}  // namespace carillon::cmd
