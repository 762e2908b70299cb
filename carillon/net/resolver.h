// Names to addresses without blocking a loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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

// Whoever holds it is called; once it is gone the answer is dropped.
class Resolving {
 public:
  Resolving() = default;

 private:
  friend class Resolver;
  struct Request;
  explicit Resolving(std::shared_ptr<Request> request) : request_(std::move(request)) {}
  std::shared_ptr<Request> request_;
};

// Asks the system (getaddrinfo: hosts file, DNS) on a few threads of its own. One for all loops,
// and it ends before they do; its end waits for questions under way.
class Resolver {
 public:
  static constexpr size_t kThreadCount = 2;
  static constexpr size_t kWaitingMax = 256;

  Resolver();

  // On `loop`'s thread, where `then` is called in a later turn. An IP address needs no thread.
  [[nodiscard]] Resolving resolve(EventLoop& loop,
                                  std::string host,
                                  uint16_t port,
                                  OnResolved then);

 private:
  BlockingPool pool_;
};

// The address, when `host` is one and no name.
std::optional<Address> parse_ip_address(const std::string& host, uint16_t port);

}  // namespace carillon::net
