#include "carillon/config/bind_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace carillon::config {
namespace {

bool is_address(int family, const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(family, text.c_str(), bytes) == 1;
}

std::optional<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

bool BindAddress::is_loopback() const {
  if (is_unix()) return false;
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::optional<BindAddress> parse_bind_address(std::string_view text) {
  constexpr std::string_view kUnixPrefix = "unix:";
  constexpr size_t kUnixPathMax = 107;  // sockaddr_un::sun_path less its NUL
  BindAddress address;
  if (text.starts_with(kUnixPrefix)) {
    address.unix_path = text.substr(kUnixPrefix.size());
    const bool is_legal = !address.unix_path.empty() && address.unix_path.size() <= kUnixPathMax &&
                          address.unix_path.find('\0') == std::string::npos;
    return is_legal ? std::optional(address) : std::nullopt;
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  address.port = *port;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    address.host = host.substr(1, host.size() - 2);
    return is_address(AF_INET6, address.host) ? std::optional(address) : std::nullopt;
  }
  address.host = host;
  const bool is_legal = address.host == "localhost" || is_address(AF_INET, address.host);
  return is_legal ? std::optional(address) : std::nullopt;
}

}  // namespace carillon::config
