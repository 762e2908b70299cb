// Header fields (RFC 9110 §5) as views, and how to look them up: names ignore case.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace carillon::http {

// `value` is without the white space around it. Views of the bytes that were parsed.
struct Header {
  std::string_view name, value;
};

using HeaderSpan = std::span<const Header>;

// ASCII only, as header names and most protocol words are compared.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

// The first one's value; "" when absent.
std::string_view find_header(HeaderSpan headers, std::string_view name) noexcept;
size_t count_headers(HeaderSpan headers, std::string_view name) noexcept;
// Whether a comma-separated list, spread over any number of fields, holds `token` in any case.
bool headers_have_token(HeaderSpan headers, std::string_view name, std::string_view token) noexcept;

}  // namespace carillon::http
