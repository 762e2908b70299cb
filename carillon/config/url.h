// The URLs of settings: their parts, what is wrong with one, and how to show one that holds a
// password. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::config {

// Views into the text, still percent-encoded.
struct UrlParts {
  std::string_view scheme{};
  std::string_view user{};
  std::string_view password{};
  std::string_view host{};  // without the brackets of an IPv6 address
  std::optional<uint16_t> port{};
  std::string_view path{};   // with its slash
  std::string_view query{};  // without its question mark
};

// Nothing when the text has no scheme, a broken authority or percent-encoding, or what no URL
// holds: blanks, control characters, a fragment.
std::optional<UrlParts> split_url(std::string_view text);

// The value of `key` in a query, still encoded; of a repeated one the first.
std::optional<std::string_view> query_value(std::string_view query, std::string_view key);

// `text` so that it can stand in a URL's user or password.
std::string percent_encode(std::string_view text);

// The text with `***` for the password and for what the query says of passwords. Rather masks too
// much of what is no URL than too little.
std::string without_password(std::string_view text);

// What is wrong with one, without quoting it, and what to give; empty: nothing.
std::string check_redis_url(std::string_view text);     // redis://, rediss://, unix://
std::string check_database_url(std::string_view text);  // sqlite:///, postgres://, postgresql://
std::string check_http_url(std::string_view text);      // http://, https://
std::string check_optional_http_url(std::string_view text);

}  // namespace carillon::config
