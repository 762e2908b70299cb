#include "carillon/ws/extension_reader.h"

#include <algorithm>

namespace carillon::ws {
namespace {

// RFC 7230 §3.2.6.
bool is_token_char(char c) noexcept {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_letter || (c >= '0' && c <= '9') || kPunctuation.find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string_view> ExtensionReader::next_extension() {
  // RFC 7230 §7: empty elements of a list are ignored.
  do skip_space();
  while (take(','));
  if (rest_.empty()) return std::nullopt;
  const std::string_view name = take_token();
  if (name.empty()) {
    refuse();
    return std::nullopt;
  }
  return name;
}

std::optional<ExtensionReader::Param> ExtensionReader::next_param() {
  skip_space();
  if (rest_.empty() || rest_.front() == ',') return std::nullopt;
  if (take(';')) {
    skip_space();
    Param param{take_token(), std::nullopt};
    skip_space();
    const bool has_value = take('=');
    skip_space();
    if (has_value) param.value = take_value();
    if (!param.name.empty() && param.value.has_value() == has_value) return param;
  }
  refuse();
  return std::nullopt;
}

void ExtensionReader::skip_space() noexcept {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
}

bool ExtensionReader::take(char c) noexcept {
  if (!rest_.starts_with(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

std::string_view ExtensionReader::take_token() noexcept {
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
  const std::string_view token = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
  rest_.remove_prefix(token.size());
  return token;
}

// A token, or a quoted string that is one inside (§9.1).
std::optional<std::string> ExtensionReader::take_value() {
  std::string value;
  if (take('"')) {
    while (!rest_.empty() && rest_.front() != '"') {
      take('\\');
      if (rest_.empty() || !is_token_char(rest_.front())) return std::nullopt;
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!take('"')) return std::nullopt;
  } else {
    value = take_token();
  }
  if (value.empty()) return std::nullopt;
  return value;
}

void ExtensionReader::refuse() noexcept {
  is_malformed_ = true;
  rest_ = {};
}

}  // namespace carillon::ws
