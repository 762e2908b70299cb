#include "carillon/net/connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace carillon::net {
namespace {

constexpr int kKeepaliveIdleS = 30;
constexpr int kKeepaliveIntervalS = 10;
constexpr int kKeepaliveCount = 3;
constexpr uint64_t kAttemptMsMin = 250;

void set_options(const Fd& socket) {
  const int one = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, &kKeepaliveIdleS, sizeof kKeepaliveIdleS);
  setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, &kKeepaliveIntervalS,
             sizeof kKeepaliveIntervalS);
  setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, &kKeepaliveCount, sizeof kKeepaliveCount);
}

Result<Address, Error> address_of_path(const std::string& path) {
  Address address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof un.sun_path) {
    return Err(Error{"connect", "the path of the socket unix:" + path + " is too long"});
  }
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

}  // namespace

std::string ConnectTarget::to_string() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// Its end waits for the end of the loop's turn: the poller or a posted task may still know it.
class Connector::Attempt final : public IoHandler, public TimerHandler {
 public:
  Attempt(Connector& owner, ConnectTarget target, uint64_t timeout_ms, OnConnect then)
      : owner_(&owner),
        loop_(owner.loop_),
        target_(std::move(target)),
        then_(std::move(then)),
        timer_(loop_.timers().add(*this)),
        deadline_ms_(loop_.clock().monotonic_ms() + timeout_ms) {}

  void start(Resolver& resolver) {
    loop_.timers().schedule(timer_, deadline_ms_);
    if (target_.unix_path.empty()) {
      resolving_ = resolver.resolve(
          loop_, target_.host, target_.port,
          [this](Result<Addresses, Error> resolved) { on_resolved(std::move(resolved)); });
      return;
    }
    // Posted like an answer of the resolver, so that `then` is never called inside connect().
    loop_.post([this] {
      if (owner_ == nullptr) return;
      auto address = address_of_path(target_.unix_path);
      if (!address) return finish(Err(address.error()));
      on_resolved(Addresses{*address});
    });
  }

  // After it nothing is called.
  void close() {
    if (owner_ == nullptr) return;
    owner_ = nullptr;
    resolving_ = {};
    drop_socket();
    loop_.timers().remove(timer_);
  }

  void on_ready(uint8_t) override {
    if (owner_ == nullptr || !socket_.is_open()) return;
    int failure = 0;
    socklen_t size = sizeof failure;
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return fail_address(failure);
    finish(release_socket());
  }

  void on_timer() override {
    if (owner_ == nullptr) return;
    if (socket_.is_open() && next_ < addresses_.size()) return fail_address(ETIMEDOUT);
    const char* what = socket_.is_open() ? "no answer" : "its name does not resolve in time";
    finish(Err(Error{"connect_timeout", "cannot connect to " + target_.to_string() + ": " + what}));
  }

 private:
  void on_resolved(Result<Addresses, Error> resolved) {
    if (!resolved) return finish(Err(resolved.error()));
    addresses_ = std::move(*resolved);
    try_next();
  }

  void try_next() {
    const Address& address = addresses_[next_++];
    socket_ =
        Fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_.is_open()) return fail_address(errno);
    if (!address.is_unix()) set_options(socket_);
    const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
    const int result = ::connect(socket_.get(), raw, address.length);
    if (result == 0) return finish(release_socket());
    if (errno != EINPROGRESS) return fail_address(errno);
    loop_.poller().watch(socket_.get(), *this, kWritable);
    is_watched_ = true;
    const uint64_t now_ms = loop_.clock().monotonic_ms();
    const uint64_t left_ms = deadline_ms_ - std::min(deadline_ms_, now_ms);
    const uint64_t share_ms = left_ms / (addresses_.size() - next_ + 1);
    const bool is_last = next_ == addresses_.size();
    loop_.timers().schedule(timer_,
                            is_last ? deadline_ms_ : now_ms + std::max(share_ms, kAttemptMsMin));
  }

  void fail_address(int reason) {
    drop_socket();
    if (next_ < addresses_.size()) return try_next();
    finish(Err(Error{"connect",
                     "cannot connect to " + target_.to_string() + ": " + std::strerror(reason)}));
  }

  Fd release_socket() {
    if (is_watched_) loop_.poller().forget(socket_.get());
    is_watched_ = false;
    return std::move(socket_);
  }
  void drop_socket() { (void)release_socket(); }  // which closes it

  // Hands itself to the loop, so that `then` may begin the next attempt or end the Connector.
  void finish(Result<Fd, Error> outcome) {
    OnConnect then = std::move(then_);
    owner_->cancel();
    then(std::move(outcome));
  }

  Connector* owner_;  // null: closed
  EventLoop& loop_;
  const ConnectTarget target_;
  OnConnect then_;
  const TimerId timer_;
  const uint64_t deadline_ms_;
  Resolving resolving_;
  Addresses addresses_;
  size_t next_ = 0;  // index of the address to try next
  Fd socket_;
  bool is_watched_ = false;
};

Connector::Connector(EventLoop& loop, Resolver& resolver) : loop_(loop), resolver_(resolver) {}

Connector::~Connector() {
  cancel();
}

void Connector::connect(ConnectTarget target, uint64_t timeout_ms, OnConnect then) {
  CARILLON_ASSERT(attempt_ == nullptr);
  attempt_ = std::make_unique<Attempt>(*this, std::move(target), timeout_ms, std::move(then));
  attempt_->start(resolver_);
}

void Connector::cancel() {
  if (attempt_ == nullptr) return;
  attempt_->close();
  loop_.post([closed = std::move(attempt_)] {});
}

}  // namespace carillon::net
