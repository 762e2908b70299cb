#include "carillon/config/url.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace carillon::config {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::string_view kMask = "***";
constexpr uint32_t kRedisDatabaseMax = 1'000'000;
constexpr size_t kUnixPathMax = 107;  // sockaddr_un::sun_path less its NUL

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text[0]) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

bool is_well_encoded(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
      return false;
    }
  }
  return true;
}

bool has_only_url_characters(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f' && c != '"' && c != '<' && c != '>' &&
           c != '\\' && c != '#';
  });
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "host", "host:6379", "[::1]:6379" or nothing at all.
bool split_place(std::string_view place, UrlParts& parts) {
  if (place.starts_with('[')) {
    const size_t close = place.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    parts.host = place.substr(1, close - 1);
    place.remove_prefix(close + 1);
    const auto is_legal = [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; };
    if (!std::ranges::all_of(parts.host, is_legal)) return false;
  } else {
    parts.host = place.substr(0, place.find(':'));
    place.remove_prefix(parts.host.size());
    const auto is_legal = [](char c) {
      return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '%';
    };
    if (!std::ranges::all_of(parts.host, is_legal)) return false;
  }
  if (place.empty()) return true;
  if (place[0] != ':') return false;
  parts.port = whole_number<uint16_t>(place.substr(1));
  return parts.port.has_value() && *parts.port != 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_redis_database(std::string_view text) {
  const auto number = whole_number<uint32_t>(text);
  return number && *number <= kRedisDatabaseMax;
}

std::string unix_redis_problem(const UrlParts& parts) {
  if (!parts.host.empty() || parts.port) return "has a host before its path; give unix:///path";
  if (parts.path.size() < 2) return "has no path; give unix:///run/redis.sock";
  if (parts.path.size() > kUnixPathMax) return "has too long a path for a socket (107 bytes)";
  return {};
}

}  // namespace

std::optional<UrlParts> split_url(std::string_view text) {
  constexpr std::string_view kMark = "://";
  const size_t mark = text.find(kMark);
  if (mark == std::string_view::npos || !is_scheme(text.substr(0, mark))) return std::nullopt;
  if (!has_only_url_characters(text) || !is_well_encoded(text)) return std::nullopt;
  UrlParts parts{.scheme = text.substr(0, mark)};
  text.remove_prefix(mark + kMark.size());
  if (const size_t query = text.find('?'); query != std::string_view::npos) {
    parts.query = text.substr(query + 1);
    text = text.substr(0, query);
  }
  if (const size_t path = text.find('/'); path != std::string_view::npos) {
    parts.path = text.substr(path);
    text = text.substr(0, path);
  }
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    parts.user = user.substr(0, user.find(':'));
    if (parts.user.size() < user.size()) parts.password = user.substr(parts.user.size() + 1);
    text.remove_prefix(at + 1);
  }
  return split_place(text, parts) ? std::optional(parts) : std::nullopt;
}

std::optional<std::string_view> query_value(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == key) return pair.substr(std::min(equals + 1, pair.size()));
  }
  return std::nullopt;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return out;
}

std::string without_password(std::string_view text) {
  const size_t mark = text.find("://");
  const size_t authority = mark == std::string_view::npos ? 0 : mark + 3;
  std::string out(text.substr(0, authority));
  text.remove_prefix(authority);
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    const size_t colon = text.find(':');
    if (colon < at) out.append(text.substr(0, colon + 1)).append(kMask);
    if (colon >= at) out.append(text.substr(0, at));
    text.remove_prefix(at);
  }
  const size_t query = std::min(text.find('?'), text.size());
  out.append(text.substr(0, query));
  text.remove_prefix(query);
  while (!text.empty()) {  // each part begins with its ? or &
    const size_t end = std::min(text.find_first_of("?&", 1), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end);
    const size_t equals = std::min(part.find('='), part.size());
    const std::string key = lower(part.substr(0, equals));
    const bool is_secret = key.find("passw") != key.npos || key.find("secret") != key.npos ||
                           key.find("token") != key.npos;
    out.append(part.substr(0, is_secret ? equals : part.size()));
    if (is_secret) out.append("=").append(kMask);
  }
  return out;
}

std::string check_redis_url(std::string_view text) {
  constexpr std::string_view kForm =
      "is no Redis URL; give redis://[USER:PASSWORD@]HOST:6379/0, rediss:// or unix:///path";
  const auto parts = split_url(text);
  if (!parts) return std::string(kForm);
  const auto database = query_value(parts->query, "db");
  if (database && !is_redis_database(*database)) return "has a db that is no number";
  if (parts->query.find('@') != std::string_view::npos) {
    return "has an @ after its ?; write /, ? and @ of a password as %2F, %3F and %40";
  }
  if (parts->scheme == "unix") return unix_redis_problem(*parts);
  if (parts->scheme != "redis" && parts->scheme != "rediss") return std::string(kForm);
  std::string_view path = parts->path.substr(std::min<size_t>(1, parts->path.size()));
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!path.empty() && !is_redis_database(path)) {
    return "has a path that is no database number; give one such as redis://HOST:6379/0, and "
           "write / of a password as %2F";
  }
  return {};
}

std::string check_database_url(std::string_view text) {
  const auto parts = split_url(text);
  if (parts && parts->scheme == "sqlite") {
    const bool is_legal = parts->host.empty() && parts->user.empty() && parts->path.size() > 1;
    return is_legal ? std::string() : "has no path; give sqlite:///path, absolute sqlite:////path";
  }
  if (parts && (parts->scheme == "postgres" || parts->scheme == "postgresql")) return {};
  return "is no database URL; give sqlite:///path or postgresql://USER:PASSWORD@HOST:5432/NAME";
}

std::string check_http_url(std::string_view text) {
  const auto parts = split_url(text);
  if (parts && (parts->scheme == "http" || parts->scheme == "https") && !parts->host.empty()) {
    return {};
  }
  return "is no URL; give one such as http://127.0.0.1:8001/realtime/session/";
}

std::string check_optional_http_url(std::string_view text) {
  return text.empty() ? std::string() : check_http_url(text);
}

}  // namespace carillon::config
