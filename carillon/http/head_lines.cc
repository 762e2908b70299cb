#include "carillon/http/head_lines.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace carillon::http {
namespace {

constexpr std::array<bool, 256> make_token_chars() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kTokenChars = make_token_chars();

constexpr uint64_t kEachByte = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x8080808080808080;

// Whether one of eight bytes is below 0x20 or is 0x7f. The usual bit tricks: exact up to and
// including the first such byte, which is all that "whether" needs.
bool has_control(uint64_t bytes) noexcept {
  const uint64_t below_space = (bytes - kEachByte * 0x20) & ~bytes;
  const uint64_t deleted = bytes ^ (kEachByte * 0x7f);
  return ((below_space | ((deleted - kEachByte) & ~deleted)) & kHighBits) != 0;
}

bool is_value_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

// How many characters at the front may stand in a field's value (RFC 9110 §5.5).
size_t value_length(std::string_view text) noexcept {
  size_t length = 0;
  while (true) {
    while (text.size() - length >= sizeof(uint64_t)) {
      uint64_t bytes;
      std::memcpy(&bytes, text.data() + length, sizeof bytes);
      if (has_control(bytes)) break;
      length += sizeof bytes;
    }
    size_t step = 0;
    while (step < sizeof(uint64_t) && length < text.size() && is_value_char(text[length])) {
      ++step;
      ++length;
    }
    if (step < sizeof(uint64_t)) return length;
  }
}

std::string_view trim(std::string_view value) noexcept {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return value;
}

}  // namespace

bool is_token_char(char c) noexcept {
  return kTokenChars[static_cast<unsigned char>(c)];
}

Result<size_t, HttpError> find_head_end(std::string_view bytes,
                                        size_t start,
                                        const Limits& limits,
                                        size_t& scanned) {
  const std::string_view window = bytes.substr(0, limits.head_bytes_max);
  // Once enough has come to tell, and only once: is the first line too long?
  const size_t first_line_max =
      std::min(start + limits.request_line_bytes_max + 2, limits.head_bytes_max);
  if (scanned < first_line_max && window.size() >= first_line_max &&
      window.substr(0, first_line_max).find('\n', start) == std::string_view::npos) {
    return Err(HttpError::kRequestLineTooLong);
  }

  size_t line_end = window.find('\n', std::max(scanned, start));
  while (line_end != std::string_view::npos) {
    if (window[line_end - 1] != '\r') return Err(HttpError::kBadLineEnd);
    if (line_end >= start + 2 && window[line_end - 2] == '\n') return line_end + 1;
    line_end = window.find('\n', line_end + 1);
  }
  scanned = window.size();
  if (bytes.size() >= limits.head_bytes_max) return Err(HttpError::kHeadTooLarge);
  return size_t{0};
}

std::string_view take_line(std::string_view& head) noexcept {
  const size_t end = head.find('\n');
  const std::string_view line = head.substr(0, end - 1);
  head.remove_prefix(end + 1);
  return line;
}

Result<void, HttpError> parse_fields(std::string_view fields,
                                     size_t header_count_max,
                                     std::vector<Header>& headers) {
  while (fields.front() != '\r') {
    if (headers.size() == header_count_max) return Err(HttpError::kTooManyHeaders);
    size_t name_length = 0;
    while (is_token_char(fields[name_length])) ++name_length;
    // No space before the colon (§5.1); a line that begins with one was folded (§5.2).
    if (name_length == 0 || fields[name_length] != ':') return Err(HttpError::kBadHeader);
    const std::string_view name = fields.substr(0, name_length);
    fields.remove_prefix(name_length + 1);

    const size_t length = value_length(fields);
    if (fields[length] != '\r' || fields[length + 1] != '\n') return Err(HttpError::kBadHeader);
    headers.push_back({name, trim(fields.substr(0, length))});
    fields.remove_prefix(length + 2);
  }
  // A CR that the empty line does not begin with.
  return fields.size() == 2 ? Result<void, HttpError>() : Err(HttpError::kBadHeader);
}

std::optional<uint64_t> parse_content_length(std::string_view value) noexcept {
  if (value.empty()) return std::nullopt;
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  uint64_t length = 0;
  for (char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    length = length > (kMax - digit) / 10 ? kMax : length * 10 + digit;
  }
  return length;
}

Result<int, HttpError> parse_version(std::string_view text, HttpError malformed) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 8 || !text.starts_with("HTTP/") || text[6] != '.' || !is_digit(text[5]) ||
      !is_digit(text[7])) {
    return Err(malformed);
  }
  if (text[5] != '1' || text[7] > '1') return Err(HttpError::kUnsupportedVersion);
  return text[7] - '0';
}

}  // namespace carillon::http
