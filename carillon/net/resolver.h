// Names to addresses without blocking a loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/base/unique_function.h"
#include "carillon/net/blocking_pool.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/socket.h"

namespace carillon::net {

using Addresses = std::vector<Address>;  // in the order in which to try them; never empty
using OnResolved = UniqueFunction<void(Result<Addresses, Error>)>;

// A question under way. Its answer is dropped once this is gone or assigned to. On the loop's
// thread.
class Resolving {
 public:
  Resolving() = default;

 private:
  friend class Resolver;
  struct Question {
    OnResolved then;
  };
  explicit Resolving(std::shared_ptr<Question> question) : question_(std::move(question)) {}
  // The one owner: what passes through other threads is a weak_ptr, which they do not lock.
  std::shared_ptr<Question> question_;
};

// Asks the system (getaddrinfo: hosts file, DNS) on threads of its own. One for all loops; it ends
// before they do, and its end waits for the questions under way.
class Resolver {
 public:
  static constexpr size_t kThreadCount = 2;
  static constexpr size_t kWaitingMax = 256;

  Resolver() : pool_(kThreadCount, kWaitingMax) {}

  // On `loop`'s thread, where `then` is called in a later turn. An IP address needs no question.
  // Errors: `name_unknown`, `resolver_busy`.
  [[nodiscard]] Resolving resolve(EventLoop& loop,
                                  std::string host,
                                  uint16_t port,
                                  OnResolved then);

 private:
  BlockingPool pool_;
};

// The address, when `host` is one (IPv6 without brackets) and no name.
std::optional<Address> parse_ip_address(const std::string& host, uint16_t port);

}  // namespace carillon::net
