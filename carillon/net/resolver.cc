#include "carillon/net/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

namespace carillon::net {
namespace {

void set_port(Address& address, uint16_t port) {
  if (address.storage.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  }
}

// Blocks.
Result<Addresses, Error> look_up(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failure != 0) {
    return Err(Error{"name_unknown",
                     "the name '" + host + "' does not resolve: " + ::gai_strerror(failure)});
  }
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    Address address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.length = each->ai_addrlen;
    set_port(address, port);
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) {
    return Err(Error{"name_unknown", "the name '" + host + "' has no IP address"});
  }
  return addresses;
}

}  // namespace

std::optional<Address> parse_ip_address(const std::string& host, uint16_t port) {
  Address address;
  auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1) {
    in.sin_family = AF_INET;
    address.length = sizeof in;
  } else if (::inet_pton(AF_INET6, host.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    address.length = sizeof in6;
  } else {
    return std::nullopt;
  }
  set_port(address, port);
  return address;
}

Resolving Resolver::resolve(EventLoop& loop, std::string host, uint16_t port, OnResolved then) {
  auto question = std::make_shared<Resolving::Question>(std::move(then));
  const std::weak_ptr<Resolving::Question> weak = question;
  const auto answer = [&loop, weak](Result<Addresses, Error> addresses) {
    loop.post([weak, addresses = std::move(addresses)]() mutable {
      const auto asked = weak.lock();
      // Taken out first: it may assign to the Resolving that holds it.
      if (asked != nullptr) OnResolved(std::move(asked->then))(std::move(addresses));
    });
  };
  if (const auto address = parse_ip_address(host, port)) {
    answer(Addresses{*address});
  } else if (!pool_.submit([answer, host, port] { answer(look_up(host, port)); })) {
    answer(Err(Error{"resolver_busy", "too many names wait to be resolved; '" + host +
                                          "' cannot be looked up now"}));
  }
  return Resolving(std::move(question));
}

}  // namespace carillon::net
