#include "carillon/json/writer.h"

#include <array>

namespace carillon::json {
namespace {

// What to write after the backslash: 0 for characters that need none, 'u' for \u00XX.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (size_t c = 0; c < 0x20; ++c) escapes[c] = 'u';
  escapes['\b'] = 'b';
  escapes['\t'] = 't';
  escapes['\n'] = 'n';
  escapes['\f'] = 'f';
  escapes['\r'] = 'r';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr std::array<char, 256> kEscapes = make_escapes();
constexpr char kHexDigits[] = "0123456789abcdef";

void append_array(std::string& out, const Value::Array& elements) {
  out += '[';
  bool is_first = true;
  for (const Value& element : elements) {
    if (!is_first) out += ',';
    is_first = false;
    append_json(out, element);
  }
  out += ']';
}

void append_object(std::string& out, const Value::Object& members) {
  out += '{';
  bool is_first = true;
  for (const Value::Member& member : members) {
    if (!is_first) out += ',';
    is_first = false;
    append_json_string(out, member.key);
    out += ':';
    append_json(out, member.value);
  }
  out += '}';
}

}  // namespace

void append_json(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kBool:
      out += *value.as_bool() ? "true" : "false";
      return;
    case Kind::kNumber:
      out += *value.number_text();
      return;
    case Kind::kString:
      append_json_string(out, *value.as_string());
      return;
    case Kind::kArray:
      append_array(out, *value.as_array());
      return;
    case Kind::kObject:
      append_object(out, *value.as_object());
      return;
  }
}

std::string to_json(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  size_t run = 0;  // where the characters begin that are not yet written
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const char escape = kEscapes[c];
    if (escape == 0) continue;
    out.append(text, run, i - run);
    run = i + 1;
    out += '\\';
    out += escape;
    if (escape != 'u') continue;
    out += "00";
    out += kHexDigits[c >> 4];
    out += kHexDigits[c & 15];
  }
  out.append(text, run);
  out += '"';
}

}  // namespace carillon::json
