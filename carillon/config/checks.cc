#include "carillon/config/checks.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "carillon/config/bind_address.h"
#include "carillon/config/settings.h"
#include "carillon/config/url.h"

namespace carillon::config {
namespace {

constexpr size_t kNameMax = 99;  // of a group and of anything that becomes part of one

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_char(char c) {
  return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

bool is_parameter_name(std::string_view name) {
  return !name.empty() && (is_lower(name[0]) || name[0] == '_') &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    return parse_bind_address(std::string(host) + ":0").has_value();
  }
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, is_name_char);
}

}  // namespace

std::string check_bind(std::string_view text) {
  if (parse_bind_address(text)) return {};
  return fmt::format(
      "'{}' is no address; give 127.0.0.1:8000, 0.0.0.0:8000, [::]:8000 or unix:/path", text);
}

std::string check_optional_bind(std::string_view text) {
  return text.empty() ? std::string() : check_bind(text);
}

std::string check_host_pattern(std::string_view text) {
  if (text == "*") return {};
  const std::string_view host = text.starts_with('.') ? text.substr(1) : text;
  if (is_host(host)) return {};
  return fmt::format(
      "'{}' is no host; give a name such as example.com or .example.com, without "
      "scheme, port or path",
      text);
}

std::string check_origin(std::string_view text) {
  const size_t scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos && scheme_end > 0) {
    const std::string_view authority = text.substr(scheme_end + 3);
    size_t colon = authority.rfind(':');
    if (authority.ends_with(']')) colon = std::string_view::npos;
    const std::string_view port =
        colon == std::string_view::npos ? std::string_view("0") : authority.substr(colon + 1);
    const bool is_port = !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
    if (is_port && is_host(authority.substr(0, colon))) return {};
  }
  return fmt::format("'{}' is no origin; give one such as https://app.example.com, without a path",
                     text);
}

std::string check_layer(std::string_view text) {
  if (text == "memory" || check_redis_url(text).empty()) return {};
  if (split_url(text)) return check_redis_url(text);
  // The text may hold a password.
  return "is no channel layer; give memory or redis://HOST:6379/0";
}

std::string check_host_and_port(std::string_view text) {
  const std::string url = fmt::format("redis://{}", text);
  const auto parts = split_url(url);
  const bool is_legal = parts && !parts->host.empty() && parts->port && parts->path.empty() &&
                        parts->query.empty() && text.find('@') == std::string_view::npos;
  if (is_legal) return {};
  return "is no HOST:PORT; give one such as 10.0.0.5:26379";
}

std::string check_channel_capacity(std::string_view text) {
  if (parse_channel_capacity(text)) return {};
  return fmt::format("'{}' is no GLOB=NUMBER; give one such as gw.*=10000", text);
}

std::string check_endpoint_name(std::string_view text) {
  const bool is_legal =
      !text.empty() && text.size() <= kNameMax && std::ranges::all_of(text, [](char c) {
        return is_lower(c) || is_digit(c) || c == '_' || c == '-';
      });
  if (is_legal) return {};
  return fmt::format("'{}' is no name; use lower-case letters, digits, - and _", text);
}

std::string check_endpoint_path(std::string_view text) {
  constexpr size_t kPathMax = 512;
  if (!text.starts_with('/') || text.size() < 2 || text.size() > kPathMax) {
    return fmt::format("'{}' is no path; give one such as /ws/course/{{id}}/", text);
  }
  std::vector<std::string_view> names;
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (segment.starts_with('{') && segment.ends_with('}')) {
      const std::string_view name = segment.substr(1, segment.size() - 2);
      if (!is_parameter_name(name) || std::ranges::find(names, name) != names.end()) {
        return fmt::format("'{}': {} is no parameter; use each lower-case name once", text,
                           segment);
      }
      names.push_back(name);
    } else if (segment.empty() || !std::ranges::all_of(segment, is_name_char)) {
      return fmt::format(
          "'{}': '{}' is no segment; use letters, digits, -, _ and . or a whole "
          "{{parameter}}",
          text, segment);
    }
  }
  for (const std::string_view taken : {"/api/", "/sse/", "/healthz/", "/readyz/", "/metrics/"}) {
    if ((std::string(text) + '/').starts_with(taken)) {
      return fmt::format("'{}' belongs to the server; use one under /ws/", text);
    }
  }
  return {};
}

std::string check_channel_name(std::string_view text) {
  if (text.size() <= kNameMax && std::ranges::all_of(text, is_name_char)) return {};
  return fmt::format("'{}' is no channel; use letters, digits, -, _ and ., at most {}", text,
                     kNameMax);
}

std::string check_event_type(std::string_view text) {
  const bool is_legal = !text.empty() && text.size() <= 255 && text[0] != '_' && text[0] != '.' &&
                        !text.starts_with("websocket.") && !text.starts_with("carillon.");
  if (is_legal) return {};
  return fmt::format(
      "'{}' is no event type; it must not be empty, begin with _ or ., or belong to "
      "websocket. or carillon.",
      text);
}

}  // namespace carillon::config
