// The reader against a naive twin, then print and parse again: the twin is short and slow, knows
// nothing of simdjson, and must accept the same documents with the same values.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/json/number.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace {

using carillon::json::Value;

constexpr size_t kDepthMax = 8;

// The length of the UTF-8 sequence at the front of `text` (RFC 3629 §4), 0 when it is none.
size_t sequence_length(std::string_view text) {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const auto is_tail = [&](size_t i, int low = 0x80, int high = 0xbf) {
    return at(i) >= low && at(i) <= high;
  };
  const int lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf && is_tail(1)) return 2;
  const int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (lead >= 0xe0 && lead <= 0xef && is_tail(1, low, high) && is_tail(2)) return 3;
  if (lead >= 0xf0 && lead <= 0xf4 && is_tail(1, low, high) && is_tail(2) && is_tail(3)) return 4;
  return 0;
}

void append_utf8(std::string& out, uint32_t point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

class NaiveReader {
 public:
  explicit NaiveReader(std::string_view text) : rest_(text) {}

  std::optional<Value> document() {
    Value root;
    if (!value(root, 0)) return std::nullopt;
    skip_space();
    return rest_.empty() ? std::optional(root) : std::nullopt;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
  }

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  bool value(Value& out, size_t depth) {
    if (take("null")) return true;
    if (take("true")) return out = Value(true), true;
    if (take("false")) return out = Value(false), true;
    if (take("[")) return depth < kDepthMax && array(out, depth + 1);
    if (take("{")) return depth < kDepthMax && object(out, depth + 1);
    if (take("\"")) {
      std::string text;
      if (!string(text)) return false;
      out = Value(text);
      return true;
    }
    return number(out);
  }

  bool number(Value& out) {
    const std::string text(rest_.substr(0, rest_.find_first_not_of("0123456789+-.eE")));
    rest_.remove_prefix(text.size());
    if (!carillon::json::is_number_text(text)) return false;
    const double nearest = std::strtod(text.c_str(), nullptr);
    if (nearest - nearest != 0) return false;  // infinite
    CARILLON_ASSERT(carillon::json::nearest_double(text) == nearest);
    out = Value::number_from_text(text);
    return true;
  }

  bool array(Value& out, size_t depth) {
    out = Value::array();
    if (take("]")) return true;
    do {
      if (!value(out.as_array()->emplace_back(), depth)) return false;
    } while (take(","));
    return take("]");
  }

  bool object(Value& out, size_t depth) {
    out = Value::object();
    if (take("}")) return true;
    do {
      std::string key;
      Value member;
      if (!take("\"") || !string(key) || !take(":") || !value(member, depth)) return false;
      if (out.find(key) != nullptr) return false;
      out.set(key, member);
    } while (take(","));
    return take("}");
  }

  std::optional<uint32_t> hex4() {
    if (rest_.size() < 4 ||
        rest_.substr(0, 4).find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      return std::nullopt;
    }
    const std::string digits(rest_.substr(0, 4));
    rest_.remove_prefix(4);
    return static_cast<uint32_t>(std::strtoul(digits.c_str(), nullptr, 16));
  }

  bool unicode_escape(std::string& out) {
    auto point = hex4();
    if (!point || (*point >= 0xdc00 && *point <= 0xdfff)) return false;
    if (*point >= 0xd800 && *point <= 0xdbff) {
      if (!rest_.starts_with("\\u")) return false;
      rest_.remove_prefix(2);
      const auto low = hex4();
      if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
      point = 0x10000 + ((*point - 0xd800) << 10) + (*low - 0xdc00);
    }
    append_utf8(out, *point);
    return true;
  }

  bool string(std::string& out) {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    while (!rest_.empty() && rest_[0] != '"') {
      const size_t length = sequence_length(rest_);
      if (length == 0 || (length == 1 && static_cast<uint8_t>(rest_[0]) < 0x20)) return false;
      const std::string_view character = rest_.substr(0, length);
      rest_.remove_prefix(length);
      if (character != "\\") {
        out += character;
        continue;
      }
      if (rest_.empty()) return false;
      const char escape = rest_[0];
      rest_.remove_prefix(1);
      if (escape == 'u') {
        if (!unicode_escape(out)) return false;
        continue;
      }
      const size_t index = kShort.find(escape);
      if (index == std::string_view::npos) return false;
      out += kMeaning[index];
    }
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

// A copy is the same and another; a member that is set is found, where it was or at the end.
void check_copy(const Value& value) {
  Value copy;
  copy = value;
  CARILLON_ASSERT(copy == value);
  if (!copy.is_object()) return;
  const size_t count = copy.as_object()->size();
  const std::string key = count == 0 ? "new" : (*copy.as_object())[count / 2].key;
  copy.set(key, Value::array({copy, true, std::string_view("x")}));
  CARILLON_ASSERT(copy.find(key)->is_array() && !(copy == value));
  CARILLON_ASSERT(copy.as_object()->size() == std::max<size_t>(count, 1));
  CARILLON_ASSERT(count == 0 || value.find(key) != nullptr);
}

// Whatever the tree says about its numbers, it says without contradiction.
void check_numbers(const Value& value) {
  if (const auto* elements = value.as_array()) {
    for (const Value& element : *elements) check_numbers(element);
  } else if (const auto* members = value.as_object()) {
    for (const auto& member : *members) check_numbers(*value.find(member.key));
  } else if (const std::string* text = value.number_text()) {
    CARILLON_ASSERT(Value(*value.as_double()).as_double() == value.as_double());
    const auto integer = value.as_int64();
    const auto natural = value.as_uint64();
    if (integer && *text != "-0") CARILLON_ASSERT(*Value(*integer).number_text() == *text);
    if (natural) CARILLON_ASSERT(*Value(*natural).number_text() == *text);
  } else {
    CARILLON_ASSERT(!value.as_int64() && !value.as_uint64() && !value.as_double());
    CARILLON_ASSERT(value.as_bool().has_value() == value.is_bool());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const carillon::json::ParseLimits limits{.depth_max = kDepthMax, .bytes_max = 2048};
  const auto parsed = carillon::json::parse(text, limits);
  const auto expected = size <= limits.bytes_max ? NaiveReader(text).document() : std::nullopt;
  CARILLON_ASSERT(parsed.has_value() == expected.has_value());
  if (!parsed) {
    CARILLON_ASSERT(!slug(parsed.error()).empty());
  } else {
    CARILLON_ASSERT(*parsed == *expected);
    const std::string printed = to_json(*parsed);
    const auto again = carillon::json::parse(printed, {.depth_max = kDepthMax});
    CARILLON_ASSERT(again && *again == *parsed && to_json(*again) == printed);
    check_numbers(*parsed);
    check_copy(*parsed);
  }
  double number = 0;
  std::memcpy(&number, data, size < sizeof number ? 0 : sizeof number);
  const Value value(number);
  CARILLON_ASSERT(value.is_null() ? number - number != 0 : value.as_double() == number);
  return 0;
}
