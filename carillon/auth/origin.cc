#include "carillon/auth/origin.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "carillon/auth/host_name.h"

namespace carillon::auth {
namespace {

// RFC 3986 §3.1.
bool is_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

uint16_t default_port(std::string_view scheme) {
  if (scheme == "http") return 80;
  if (scheme == "https") return 443;
  return 0;
}

// 1 to 65535; empty otherwise.
std::optional<uint16_t> parse_port(std::string_view digits) {
  uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stopped != end || port == 0) return std::nullopt;
  return port;
}

// host[:port] as the authority of an origin of `scheme`.
std::optional<Origin> parse_authority(std::string scheme, std::string_view authority) {
  std::optional<HostName> host = parse_host(authority);
  if (!host) return std::nullopt;
  uint16_t port = default_port(scheme);
  if (!host->port.empty()) {
    const std::optional<uint16_t> given = parse_port(host->port);
    if (!given) return std::nullopt;
    port = *given;
  }
  return Origin{.scheme = std::move(scheme), .host = std::move(host->name), .port = port};
}

}  // namespace

std::optional<Origin> parse_origin(std::string_view text) {
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  std::string scheme = to_lower(text.substr(0, colon));
  if (!is_scheme(scheme)) return std::nullopt;
  return parse_authority(std::move(scheme), text.substr(colon + 3));
}

OriginPolicy::OriginPolicy(const std::vector<std::string>& allowed_origins) {
  for (const std::string& text : allowed_origins) {
    if (std::optional<Origin> origin = parse_origin(text)) allowed_.push_back(*std::move(origin));
  }
}

bool OriginPolicy::allows(std::string_view origin, std::string_view host) const {
  const std::optional<Origin> theirs = parse_origin(origin);
  if (!theirs) return false;
  if (contains(*theirs)) return true;
  // Only pages of http(s) are "our own host": an application's scheme must be listed.
  return default_port(theirs->scheme) != 0 && parse_authority(theirs->scheme, host) == theirs;
}

bool OriginPolicy::is_listed(std::string_view origin) const {
  const std::optional<Origin> theirs = parse_origin(origin);
  return theirs && contains(*theirs);
}

bool OriginPolicy::contains(const Origin& origin) const {
  return std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

}  // namespace carillon::auth
