// host[:port], as Host headers and origins have it, by Django's rule of what a host is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::auth {

struct HostName {
  std::string name;       // lower case; IPv6 with its brackets
  std::string_view port;  // digits, as sent; empty when none is given
};

// Letters, digits, dots and hyphens, or an IPv6 address in brackets; then a colon and digits, or
// nothing. Empty for anything else: user names, paths, spaces, an empty port.
// `port` is a view into `text`.
std::optional<HostName> parse_host(std::string_view text);

// ASCII only, whatever the locale.
std::string to_lower(std::string_view text);

}  // namespace carillon::auth
