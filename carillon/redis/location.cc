#include "carillon/redis/location.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "carillon/http/uri.h"

namespace carillon::redis {
namespace {

// What redis-py takes for itself: pools, retries, its own timeouts.
constexpr auto kTuning = std::to_array<std::string_view>(
    {"socket_timeout", "socket_connect_timeout", "socket_keepalive", "retry_on_timeout",
     "retry_on_error", "max_connections", "health_check_interval", "timeout", "protocol",
     "client_name", "decode_responses", "encoding", "encoding_errors"});

Error bad_url(std::string what) {
  return {"bad_redis_url", "the address of Redis " + std::move(what)};
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> parse_bool(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (text == "true" || text == "yes" || text == "y" || text == "t" || text == "1") return true;
  if (text == "false" || text == "no" || text == "n" || text == "f" || text == "0") return false;
  return std::nullopt;
}

// A URL cut at its delimiters; nothing is decoded yet.
struct Parts {
  std::string_view scheme;
  std::string_view userinfo;
  std::string_view host_port;
  std::string_view path;
  std::string_view query;
  bool has_userinfo = false;
};

Result<Parts, Error> split(std::string_view url) {
  Parts parts;
  const size_t colon = url.find("://");
  if (colon == std::string_view::npos) {
    return Err(bad_url("is no URL: give redis://, rediss:// or unix://"));
  }
  parts.scheme = url.substr(0, colon);
  std::string_view rest = url.substr(colon + 3);
  if (rest.find('#') != std::string_view::npos) {
    return Err(bad_url("has a '#': write it as %23"));
  }
  const size_t question = rest.find('?');
  if (question != std::string_view::npos) parts.query = rest.substr(question + 1);
  rest = rest.substr(0, question);
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos) parts.path = rest.substr(slash);
  const std::string_view authority = rest.substr(0, slash);
  const size_t at = authority.rfind('@');
  parts.has_userinfo = at != std::string_view::npos;
  if (parts.has_userinfo) parts.userinfo = authority.substr(0, at);
  parts.host_port = parts.has_userinfo ? authority.substr(at + 1) : authority;
  // A password with a bare '/' or '?' would have been cut there, and be quoted in the next error.
  const bool is_cut = parts.query.find('@') != std::string_view::npos ||
                      (parts.scheme != "unix" && parts.path.find('@') != std::string_view::npos);
  if (is_cut) {
    return Err(
        bad_url("has a '@' after its host: write '/', '?' and '@' in a user or a password "
                "as %2F, %3F and %40"));
  }
  return parts;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Result<std::string, Error> decode(std::string_view text, std::string_view part) {
  auto decoded = http::percent_decode(text);
  if (!decoded || std::any_of(decoded->begin(), decoded->end(), is_control)) {
    return Err(bad_url("has a bad %-escape or a control character in its " + std::string(part)));
  }
  return std::move(*decoded);
}

Result<Credentials, Error> parse_credentials(std::string_view userinfo) {
  const size_t colon = userinfo.find(':');
  Credentials credentials;
  CARILLON_TRY(credentials.username, decode(userinfo.substr(0, colon), "user"));
  if (colon == std::string_view::npos) return credentials;
  CARILLON_TRY(std::string password, decode(userinfo.substr(colon + 1), "password"));
  credentials.password = Secret(std::move(password));
  return credentials;
}

bool is_host(std::string_view text, std::string_view punctuation) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           punctuation.find(c) != std::string_view::npos;
  });
}

Result<HostPort, Error> parse_host_port(std::string_view text) {
  HostPort server;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return Err(bad_url("has a '[' without its ']'"));
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return Err(bad_url("has a bad host"));
    if (!port.empty()) port.remove_prefix(1);
    text = text.substr(1, end - 1);
    if (!is_host(text, ":.")) return Err(bad_url("has a bad host"));
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  if (!text.empty()) {
    CARILLON_TRY(server.host, decode(text, "host"));
    if (!is_host(server.host, "-._:")) return Err(bad_url("has a bad host"));
  }
  if (port.empty()) return server;
  const auto number = parse_number<uint16_t>(port);
  // Not quoted: with a bare '/' in it, this is the head of a password.
  if (!number || *number == 0) return Err(bad_url("has a port that is not in 1..65535"));
  server.port = *number;
  return server;
}

Error bad_option(std::string_view name, std::string_view expected) {
  return bad_url("has an option " + std::string(name) + " that is not " + std::string(expected));
}

// Quoted only where it looks like a name: an error is one line, and shows nothing by accident.
Error unknown_option(std::string_view name) {
  const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return bad_url("has an unknown option" + (is_name ? " '" + std::string(name) + "'" : ""));
}

Result<void, Error> apply_database(std::string_view text, Location& location) {
  const auto number = parse_number<uint32_t>(text);
  if (!number) return Err(bad_url("has a database that is not a number"));
  location.database = *number;
  return {};
}

Result<void, Error> apply_tls_option(std::string_view name,
                                     const std::string& value,
                                     net::TlsOptions& tls) {
  if (name == "ssl_cert_reqs") {
    if (value != "none" && value != "optional" && value != "required") {
      return Err(bad_option(name, "none, optional or required"));
    }
    tls.verify_peer = value != "none";
  } else if (name == "ssl_check_hostname") {
    const auto is_checked = parse_bool(value);
    if (!is_checked) return Err(bad_option(name, "true or false"));
    tls.verify_host = *is_checked;
  } else if (name == "ssl_ca_certs") {
    tls.ca_file = value;
  } else if (name == "ssl_certfile") {
    tls.certificate_file = value;
  } else if (name == "ssl_keyfile") {
    tls.key_file = value;
  } else {
    return Err(unknown_option(name));
  }
  return {};
}

Result<void, Error> apply_option(std::string_view name,
                                 const std::string& value,
                                 Location& location) {
  if (name == "db") return apply_database(value, location);
  if (std::find(kTuning.begin(), kTuning.end(), name) != kTuning.end()) return {};
  if (!location.tls) {
    net::TlsOptions unused;
    if (auto applied = apply_tls_option(name, value, unused); !applied) return applied;
    return Err(bad_url("has an option " + std::string(name) + " but no TLS: give rediss://"));
  }
  return apply_tls_option(name, value, *location.tls);
}

Result<void, Error> apply_query(std::string_view query, Location& location) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? "" : query.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    CARILLON_TRY(const std::string name, decode(pair.substr(0, equals), "options"));
    const std::string_view raw = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    CARILLON_TRY(const std::string value, decode(raw, "options"));
    if (value.empty()) continue;  // as redis-py does
    if (auto applied = apply_option(name, value, location); !applied) return applied;
  }
  return {};
}

// `/3`, `/3/`, `/` or nothing, as redis-py reads it.
Result<void, Error> apply_path(std::string_view path, Location& location) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return {};
  return apply_database(path, location);
}

std::string encode_path(std::string_view path) {
  std::string text;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    text += http::percent_encode(path.substr(0, slash));
    if (slash < path.size()) text += '/';
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return text;
}

std::string userinfo_of(const Credentials& credentials) {
  if (credentials.empty()) return "";
  std::string text = http::percent_encode(credentials.username);
  if (!credentials.password.empty()) text += ":" + std::string(credentials.password.masked());
  return text + "@";
}

}  // namespace

std::string HostPort::to_string() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Location, Error> Location::parse(std::string_view url) {
  CARILLON_TRY(const Parts parts, split(url));
  Location location;
  if (parts.has_userinfo) {
    CARILLON_TRY(location.credentials, parse_credentials(parts.userinfo));
  }
  if (parts.scheme == "unix") {
    if (!parts.host_port.empty() || parts.path.size() < 2) {
      return Err(bad_url("has no path of a socket: give unix:///path.sock"));
    }
    CARILLON_TRY(location.unix_path, decode(parts.path, "path"));
  } else if (parts.scheme == "redis" || parts.scheme == "rediss") {
    if (parts.scheme == "rediss") location.tls.emplace();
    CARILLON_TRY(location.server, parse_host_port(parts.host_port));
    if (auto applied = apply_path(parts.path, location); !applied) return Err(applied.error());
  } else {
    return Err(bad_url("has an unknown scheme: give redis://, rediss:// or unix://"));
  }
  if (auto applied = apply_query(parts.query, location); !applied) return Err(applied.error());
  return location;
}

std::string Location::to_string() const {
  std::string text = userinfo_of(credentials);
  if (!unix_path.empty()) {
    text = "unix://" + text + encode_path(unix_path);
    if (database != 0) text += "?db=" + std::to_string(database);
    return text;
  }
  const std::string_view scheme = tls ? "rediss" : "redis";
  if (!sentinel) {
    text = std::string(scheme) + "://" + text + server.to_string();
  } else {
    text = std::string(scheme) + "+sentinel://" + text;
    std::string_view separator = "";
    for (const HostPort& each : sentinel->sentinels) {
      text += std::string(separator) + each.to_string();
      separator = ",";
    }
    text += "/" + sentinel->master_name;
  }
  return text + "/" + std::to_string(database);
}

}  // namespace carillon::redis
