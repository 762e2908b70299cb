// One log line: time, level, message and fields, safe against text that a peer chose.
#include <charconv>
#include <ctime>

#include "carillon/log/logger.h"

namespace carillon::log {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// A control character would let a peer forge lines or drive the terminal.
void append_escaped(std::string& out, std::string_view text, bool is_quoted) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    } else {
      if (is_quoted && (c == '"' || c == '\\')) out += '\\';
      out += c;
    }
  }
}

bool is_plain_word(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

struct AppendValue {
  std::string& out;
  void operator()(std::string_view text) const {
    if (is_plain_word(text)) {
      out += text;
      return;
    }
    out += '"';
    append_escaped(out, text, true);
    out += '"';
  }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  template <class Number>
  void operator()(Number value) const {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
  }
};

void append_padded(std::string& out, int64_t value, int width) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  for (auto length = end - digits; length < width; ++length) out += '0';
  out.append(digits, end);
}

// RFC 3339 in UTC with milliseconds. gmtime_r takes no lock on a time zone.
void append_time(std::string& out, int64_t wall_ms) {
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  append_padded(out, parts.tm_year + 1900, 4);
  out += '-';
  append_padded(out, parts.tm_mon + 1, 2);
  out += '-';
  append_padded(out, parts.tm_mday, 2);
  out += 'T';
  append_padded(out, parts.tm_hour, 2);
  out += ':';
  append_padded(out, parts.tm_min, 2);
  out += ':';
  append_padded(out, parts.tm_sec, 2);
  out += '.';
  append_padded(out, wall_ms % 1000, 3);
  out += 'Z';
}

}  // namespace

std::optional<Level> level_from_text(std::string_view text) {
  if (text == "debug") return Level::kDebug;
  if (text == "info") return Level::kInfo;
  if (text == "warn" || text == "warning") return Level::kWarn;
  if (text == "error") return Level::kError;
  return std::nullopt;
}

std::string_view level_text(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "?";
}

std::string format_line(int64_t wall_ms, Level level, std::string_view message, Fields fields) {
  std::string line;
  line.reserve(64 + message.size() + fields.size() * 24);
  append_time(line, wall_ms);
  line += ' ';
  line += level_text(level);
  line += ' ';
  append_escaped(line, message, false);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    std::visit(AppendValue{line}, field.value.get());
  }
  return line;
}

}  // namespace carillon::log
