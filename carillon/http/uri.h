// Percent-encoding and query strings (RFC 3986 §2.1; application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::http {

// Decodes once. Empty when a '%' is not followed by two hexadecimal digits. The result may hold
// any byte, NUL and invalid UTF-8 too.
std::optional<std::string> percent_decode(std::string_view text);

// Escapes all but RFC 3986's unreserved characters: good for a path segment and a query value.
std::string percent_encode(std::string_view text);

// The decoded value of the first `name` in `query` (without its '?'); '+' is a space. "" when it
// has no '='. Empty when absent, or when the value has a bad escape; a pair whose name has one
// matches nothing.
std::optional<std::string> query_param(std::string_view query, std::string_view name);

}  // namespace carillon::http
