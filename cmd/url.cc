#include "cmd/url.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace carillon::cmd {
namespace {

constexpr uint16_t kHttpPort = 80;

Err<Error> refuse(std::string_view text, std::string_view what) {
  return Err(Error{"bad_url", fmt::format("--url {}: {}", text, what)});
}

bool parse_port(std::string_view text, uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == ':';
}

}  // namespace

std::string Url::authority() const {
  if (!unix_path.empty()) return "localhost";
  const std::string name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == kHttpPort ? name : fmt::format("{}:{}", name, port);
}

std::string Url::text() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  return "http://" + authority() + base;
}

Result<Url, Error> parse_url(std::string_view text) {
  constexpr std::string_view kExample = "give one such as http://127.0.0.1:8000";
  std::string_view rest = text;
  if (rest.starts_with("unix:")) {
    const auto address = config::parse_bind_address(rest);
    if (!address) return refuse(text, "is no socket's path; give unix:/path");
    return Url{.host = "", .unix_path = address->unix_path};
  }
  if (rest.starts_with("https://") || rest.starts_with("wss://")) {
    return refuse(text, "TLS is not spoken here; give the server's own http:// address");
  }
  for (const std::string_view scheme : {"http://", "ws://"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  Url url;
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  url.base = rest.substr(slash);
  while (url.base.ends_with('/')) url.base.pop_back();
  const size_t host_end = authority.starts_with('[') ? authority.find(']') + 1 : 0;
  const size_t colon = authority.find(':', host_end);
  if (colon != std::string_view::npos) {
    if (!parse_port(authority.substr(colon + 1), url.port)) {
      return refuse(text, fmt::format("has no port between 1 and 65535; {}", kExample));
    }
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  url.host = authority;
  if (url.host.empty() || !std::ranges::all_of(url.host, is_host_char)) {
    return refuse(text, fmt::format("has no host; {}", kExample));
  }
  return url;
}

Url url_of(const config::BindAddress& address) {
  if (address.is_unix()) return {.host = "", .unix_path = address.unix_path};
  std::string host = address.host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  return {.host = host, .port = address.port};
}

}  // namespace carillon::cmd
