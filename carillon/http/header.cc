#include "carillon/http/header.h"

#include <algorithm>

namespace carillon::http {
namespace {

char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

std::string_view trim(std::string_view text) noexcept {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool list_has_token(std::string_view list, std::string_view token) noexcept {
  while (true) {
    const size_t comma = list.find(',');
    if (equals_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

std::string_view find_header(HeaderSpan headers, std::string_view name) noexcept {
  for (const Header& header : headers) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

size_t count_headers(HeaderSpan headers, std::string_view name) noexcept {
  size_t count = 0;
  for (const Header& header : headers) count += equals_ignoring_case(header.name, name) ? 1 : 0;
  return count;
}

bool headers_have_token(HeaderSpan headers,
                        std::string_view name,
                        std::string_view token) noexcept {
  return std::any_of(headers.begin(), headers.end(), [&](const Header& header) {
    return equals_ignoring_case(header.name, name) && list_has_token(header.value, token);
  });
}

}  // namespace carillon::http
