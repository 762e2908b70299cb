#include "carillon/layer/python_json.h"

#include <optional>

#include "carillon/json/number.h"

namespace carillon::layer {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void append_escaped(std::string& out, uint32_t code_unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHexDigits[code_unit >> shift & 15];
}

void append_code_point(std::string& out, uint32_t code_point) {
  if (code_point < 0x10000) return append_escaped(out, code_point);
  append_escaped(out, 0xd800 + ((code_point - 0x10000) >> 10));
  append_escaped(out, 0xdc00 + ((code_point - 0x10000) & 0x3ff));
}

// The letter of a two-character escape; 0 when there is none.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// The code point that begins at `at`, which is moved past it. The text is UTF-8.
uint32_t take_code_point(std::string_view text, size_t& at) {
  const auto lead = static_cast<uint8_t>(text[at++]);
  const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  uint32_t code_point = more == 0 ? lead : lead & (0x3fU >> more);
  for (int i = 0; i < more && at < text.size(); ++i) {
    code_point = code_point << 6 | (static_cast<uint8_t>(text[at++]) & 0x3f);
  }
  return code_point;
}

void append_number(std::string& out, const json::Value& value) {
  const std::string& text = *value.number_text();
  const bool is_float = text.find_first_of(".eE") != std::string::npos;
  const std::optional<double> number = is_float ? value.as_double() : std::nullopt;
  if (number) {
    out += json::shortest_text(*number);
  } else {
    out += text == "-0" ? "0" : text;
  }
}

// How long the token is that Python writes for a float that is not finite; 0 when it is none.
size_t non_finite_length(std::string_view text) {
  for (const std::string_view token : {"NaN", "Infinity", "-Infinity"}) {
    if (text.starts_with(token)) return token.size();
  }
  return 0;
}

// The text with null for each such token outside strings; nothing when there is none.
std::optional<std::string> without_non_finite(std::string_view text) {
  std::string out;
  bool is_in_string = false;
  bool is_changed = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t length = is_in_string ? 0 : non_finite_length(text.substr(i));
    if (length != 0) {
      out += "null";
      i += length - 1;
      is_changed = true;
      continue;
    }
    if (text[i] == '"') is_in_string = !is_in_string;
    out += text[i];
    if (is_in_string && text[i] == '\\' && i + 1 < text.size()) out += text[++i];
  }
  return is_changed ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

void append_python_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (const char escape = short_escape(c); escape != 0) {
      out += '\\';
      out += escape;
      ++i;
    } else if (c >= ' ' && c <= '~') {
      out += c;
      ++i;
    } else {
      append_code_point(out, take_code_point(text, i));
    }
  }
  out += '"';
}

void append_python_json_members(std::string& out, const json::Value::Object& members) {
  bool is_first = true;
  for (const json::Value::Member& member : members) {
    if (!is_first) out += ", ";
    is_first = false;
    append_python_json_string(out, member.key);
    out += ": ";
    append_python_json(out, member.value);
  }
}

void append_python_json(std::string& out, const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::kNull:
      out += "null";
      return;
    case json::Kind::kBool:
      out += *value.as_bool() ? "true" : "false";
      return;
    case json::Kind::kNumber:
      append_number(out, value);
      return;
    case json::Kind::kString:
      append_python_json_string(out, *value.as_string());
      return;
    case json::Kind::kArray: {
      out += '[';
      bool is_first = true;
      for (const json::Value& element : *value.as_array()) {
        if (!is_first) out += ", ";
        is_first = false;
        append_python_json(out, element);
      }
      out += ']';
      return;
    }
    case json::Kind::kObject:
      out += '{';
      append_python_json_members(out, *value.as_object());
      out += '}';
      return;
  }
}

Result<json::Value, json::ParseError> parse_python_json(std::string_view text,
                                                        const json::ParseLimits& limits) {
  auto value = json::parse(text, limits);
  const bool is_token_wrong = !value && (value.error() == json::ParseError::kSyntax ||
                                         value.error() == json::ParseError::kNumber);
  if (!is_token_wrong) return value;
  const auto finite = without_non_finite(text);
  return finite ? json::parse(*finite, limits) : std::move(value);
}

}  // namespace carillon::layer
