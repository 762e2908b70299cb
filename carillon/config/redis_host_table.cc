#include "carillon/config/redis_host_table.h"

#include <fmt/core.h>

#include <algorithm>

#include "carillon/config/checks.h"
#include "carillon/config/nearest.h"
#include "carillon/config/url.h"

namespace carillon::config {
namespace {

using Kind = FileValue::Kind;
using Host = Result<RedisHost, std::string>;
using Text = Result<std::string, std::string>;

constexpr std::string_view kPlaces[] = {"address", "host", "port", "unix_socket_path", "ssl"};
constexpr std::string_view kSentinelKeys[] = {"sentinels", "master_name", "sentinel_kwargs"};
constexpr std::string_view kUserKeys[] = {"username", "password"};
// What goes into the URL's query under its own name.
constexpr std::string_view kQueryKeys[] = {"db",           "ssl_cert_reqs", "ssl_check_hostname",
                                           "ssl_ca_certs", "ssl_certfile",  "ssl_keyfile"};
// What redis-py takes for its own sockets and pools.
constexpr std::string_view kTuningKeys[] = {
    "socket_timeout",   "socket_connect_timeout",  "socket_keepalive",
    "retry_on_timeout", "retry_on_error",          "max_connections",
    "timeout",          "health_check_interval",   "client_name",
    "protocol",         "socket_keepalive_options"};

bool is_tuning(std::string_view key) {
  return std::ranges::find(kTuningKeys, key) != std::end(kTuningKeys);
}

std::string text_of(const FileValue& table, std::string_view key) {
  const FileValue* found = table.find(key);
  return found == nullptr ? std::string() : found->text;
}

// What is wrong with the keys of a host's table; empty: nothing.
std::string key_problem(const FileValue& table) {
  std::vector<std::string> known;
  for (const auto key : kPlaces) known.emplace_back(key);
  for (const auto key : kSentinelKeys) known.emplace_back(key);
  for (const auto key : kUserKeys) known.emplace_back(key);
  for (const auto key : kQueryKeys) known.emplace_back(key);
  for (const auto key : kTuningKeys) known.emplace_back(key);
  for (const FileValue& entry : table.items) {
    if (std::ranges::find(known, entry.key) == known.end()) {
      const std::string guess = nearest(entry.key, known);
      return fmt::format("{}: unknown key; {}", entry.key,
                         guess.empty() ? "remove it" : "did you mean " + guess + "?");
    }
    const bool is_plain = entry.kind == Kind::kText || entry.key == "sentinels" ||
                          entry.key == "sentinel_kwargs" || is_tuning(entry.key);
    if (!is_plain) return fmt::format("{}: takes a plain value", entry.key);
  }
  return {};
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

Text host_and_port(const FileValue& value) {
  std::string text = value.text;
  if (value.kind == Kind::kList) {
    if (value.items.size() != 2) return Err(std::string("takes [host, port]"));
    text = bracketed(value.items[0].text) + ':' + value.items[1].text;
  }
  std::string problem = check_host_and_port(text);
  if (!problem.empty()) return Err(std::move(problem));
  return text;
}

// The URL without what the table says beside the place.
Text base_url(const FileValue& table) {
  std::string address = text_of(table, "address");
  if (!address.empty()) return address;
  const std::string path = text_of(table, "unix_socket_path");
  if (!path.empty()) return "unix://" + path;
  const bool is_tls = text_of(table, "ssl") == "true";
  const FileValue* port = table.find("port");
  const FileValue* host = table.find("host");
  std::string place = bracketed(host == nullptr ? "localhost" : host->text);
  if (port != nullptr) place += ':' + port->text;
  return (is_tls ? "rediss://" : "redis://") + place;
}

// Adds user, password and options to a URL that has none of its own, as redis-py does.
Text complete_url(const FileValue& table, const std::string& base) {
  std::string problem = check_redis_url(base);
  if (!problem.empty()) return Err(std::move(problem));
  const UrlParts parts = *split_url(base);
  std::string url(base);
  const bool has_user = !parts.user.empty() || !parts.password.empty();
  const std::string user = percent_encode(text_of(table, "username"));
  const std::string password = percent_encode(text_of(table, "password"));
  if (!has_user && !(user.empty() && password.empty())) {
    const size_t authority = parts.scheme.size() + 3;
    url.insert(authority, user + (password.empty() ? "" : ':' + password) + '@');
  }
  char separator = parts.query.empty() ? '?' : '&';
  for (const std::string_view key : kQueryKeys) {
    const std::string value = text_of(table, key);
    const bool is_given = query_value(parts.query, key).has_value() ||
                          (key == "db" && parts.scheme != "unix" && parts.path.size() > 1);
    if (value.empty() || is_given) continue;
    url += fmt::format("{}{}={}", separator, key, percent_encode(value));
    separator = '&';
  }
  problem = check_redis_url(url);
  if (!problem.empty()) return Err(std::move(problem));
  return url;
}

Host read_sentinels(const FileValue& table) {
  const FileValue& sentinels = *table.find("sentinels");
  RedisHost host{.sentinel_master = text_of(table, "master_name")};
  if (host.sentinel_master.empty()) return Err(std::string("master_name: is not given"));
  if (sentinels.kind != Kind::kList || sentinels.items.empty()) {
    return Err(std::string("sentinels: takes a list such as [[\"10.0.0.5\", 26379]]"));
  }
  for (const FileValue& sentinel : sentinels.items) {
    auto place = host_and_port(sentinel);
    if (!place) return Err("sentinels: " + place.error());
    host.sentinels.push_back(*std::move(place));
  }
  if (const FileValue* options = table.find("sentinel_kwargs")) {
    host.sentinel_user = text_of(*options, "username");
    host.sentinel_password = Secret(text_of(*options, "password"));
  }
  const bool is_tls = text_of(table, "ssl") == "true";
  CARILLON_TRY(std::string url, complete_url(table, is_tls ? "rediss://" : "redis://"));
  host.url = Secret(std::move(url));
  return host;
}

}  // namespace

Result<RedisHost, std::string> read_redis_host(const FileValue& value) {
  std::string base = value.text;
  if (value.kind == Kind::kList) {
    CARILLON_TRY(const std::string place, host_and_port(value));
    base = "redis://" + place;
  } else if (value.kind == Kind::kTable) {
    std::string problem = key_problem(value);
    if (!problem.empty()) return Err(std::move(problem));
    if (value.find("sentinels") != nullptr) return read_sentinels(value);
    CARILLON_TRY(base, base_url(value));
  }
  CARILLON_TRY(std::string url, complete_url(value, base));
  return RedisHost{.url = Secret(std::move(url))};
}

}  // namespace carillon::config
