#include "carillon/auth/host_name.h"

#include <algorithm>

namespace carillon::auth {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || is_digit(c) || c == '.' || c == ':';
}

// \[[a-f0-9]*:[a-f0-9.:]+\] of Django's host_validation_re: no dot before the first colon, and
// something after it.
bool is_bracketed_address(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  text = text.substr(1, text.size() - 2);
  const size_t colon = text.find(':');
  return colon != std::string_view::npos && colon + 1 < text.size() && text.find('.') > colon &&
         std::all_of(text.begin(), text.end(), is_address_character);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_name_character);
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<HostName> parse_host(std::string_view text) {
  std::string_view port;
  std::string_view name = text;
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && !text.ends_with(']')) {
    port = text.substr(colon + 1);
    name = text.substr(0, colon);
    if (port.empty() || !std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;
  }
  std::string lower = to_lower(name);
  if (!is_name(lower) && !is_bracketed_address(lower)) return std::nullopt;
  return HostName{.name = std::move(lower), .port = port};
}

}  // namespace carillon::auth
