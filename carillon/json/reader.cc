// The one place that knows simdjson: its On-Demand walk, with what that leaves unchecked.
#include "carillon/json/reader.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "carillon/json/number.h"

namespace carillon::json {
namespace {

namespace ondemand = simdjson::ondemand;
using Status = Result<void, ParseError>;

// Documents up to this size are parsed in buffers that the thread keeps.
constexpr size_t kKeptBytes = 32 * 1024;
constexpr size_t kCapacityMin = 1024;
constexpr size_t kDepthCeiling = 1000;  // the walk is recursive
constexpr size_t kPairwiseMembersMax = 16;
constexpr std::string_view kWhiteSpace = " \t\n\r";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Scratch {
  ondemand::parser parser;
  std::string padded;
};

std::string_view trim_end(std::string_view token) {
  return token.substr(0, token.find_last_not_of(kWhiteSpace) + 1);
}

ParseError error_of(simdjson::error_code error) {
  if (error == simdjson::UTF8_ERROR) return ParseError::kInvalidUtf8;
  if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC) return ParseError::kTooLarge;
  return ParseError::kSyntax;
}

// The code unit of the \uXXXX at `escape`, whose digits have been checked.
uint32_t code_unit_at(const char* escape) {
  uint32_t unit = 0;
  for (int i = 2; i < 6; ++i) {
    const auto c = static_cast<unsigned char>(escape[i]);
    unit = unit << 4 | static_cast<uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

// `raw` is the inside of a string that simdjson has unescaped; it ends at the first bare quote.
// Releases of simdjson differ about surrogates without a partner: §8.2 warns, we refuse.
bool has_lone_surrogate(const char* raw) {
  for (; *raw != '"'; ++raw) {
    if (*raw != '\\') continue;
    if (raw[1] != 'u') {
      ++raw;
      continue;
    }
    const uint32_t unit = code_unit_at(raw);
    raw += 5;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit > 0xdbff || raw[1] != '\\' || raw[2] != 'u') return true;
    const uint32_t low = code_unit_at(raw + 1);
    if (low < 0xdc00 || low > 0xdfff) return true;
    raw += 6;
  }
  return false;
}

// Copies what simdjson made of the string at `raw`.
Status keep_string(simdjson::simdjson_result<std::string_view> unescaped,
                   const char* raw,
                   std::string& out) {
  std::string_view text;
  if (std::move(unescaped).get(text) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
  const bool is_plain = raw[text.size()] == '"' && std::memcmp(raw, text.data(), text.size()) == 0;
  if (!is_plain && has_lone_surrogate(raw)) return Err(ParseError::kSyntax);
  out.assign(text);
  return {};
}

// null, true, false or a number.
Status read_word(std::string_view token, Value& out) {
  token = trim_end(token);
  if (token == "null") return {};
  if (token == "true" || token == "false") {
    out = Value(token == "true");
    return {};
  }
  if (token.empty() || !(token[0] == '-' || (token[0] >= '0' && token[0] <= '9'))) {
    return Err(ParseError::kSyntax);
  }
  if (!is_number_text(token) || !nearest_double(token)) return Err(ParseError::kNumber);
  out = Value::number_from_text(std::string(token));
  return {};
}

bool has_duplicate_key(const Value::Object& members) {
  if (members.size() <= kPairwiseMembersMax) {
    for (size_t i = 1; i < members.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (members[i].key == members[j].key) return true;
      }
    }
    return false;
  }
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const Value::Member& member : members) keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

// Turns simdjson's cursor into values, checking every token that it passes.
class Walk {
 public:
  explicit Walk(size_t depth_max) : depth_left_(std::min(depth_max, kDepthCeiling)) {}

  Status read_array(ondemand::array array, Value& out) {
    if (depth_left_ == 0) return Err(ParseError::kTooDeep);
    --depth_left_;
    Value::Array elements;
    for (auto item : array) {
      ondemand::value element;
      if (item.get(element) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
      if (auto status = read_value(element, elements.emplace_back()); !status) return status;
    }
    out = Value::array(std::move(elements));
    ++depth_left_;
    return {};
  }

  Status read_object(ondemand::object object, Value& out) {
    if (depth_left_ == 0) return Err(ParseError::kTooDeep);
    --depth_left_;
    Value::Object members;
    members.reserve(4);
    for (auto item : object) {
      ondemand::field field;
      if (std::move(item).get(field) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
      Value::Member& member = members.emplace_back();
      const char* const raw = field.key().raw();
      if (auto status = keep_string(field.unescaped_key(), raw, member.key); !status) {
        return status;
      }
      if (auto status = read_value(field.value(), member.value); !status) return status;
    }
    if (has_duplicate_key(members)) return Err(ParseError::kDuplicateKey);
    out = Value::object(std::move(members));
    ++depth_left_;
    return {};
  }

 private:
  Status read_value(ondemand::value value, Value& out) {
    const std::string_view token = value.raw_json_token();
    switch (token.empty() ? '\0' : token[0]) {
      case '[': {
        ondemand::array array;
        if (value.get_array().get(array) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
        return read_array(array, out);
      }
      case '{': {
        ondemand::object object;
        if (value.get_object().get(object) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
        return read_object(object, out);
      }
      case '"': {
        std::string text;
        if (auto status = keep_string(value.get_string(), token.data() + 1, text); !status) {
          return status;
        }
        out = Value(std::move(text));
        return {};
      }
      default:
        return read_word(token, out);
    }
  }

  size_t depth_left_;
};

Status read_root(ondemand::document& document, char first, const ParseLimits& limits, Value& out) {
  Walk walk(limits.depth_max);
  if (first == '[') {
    ondemand::array array;
    if (document.get_array().get(array) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
    return walk.read_array(array, out);
  }
  if (first == '{') {
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
    return walk.read_object(object, out);
  }
  std::string_view token;
  if (document.raw_json_token().get(token) != simdjson::SUCCESS) return Err(ParseError::kSyntax);
  std::string text;
  if (auto status = keep_string(document.get_string(), token.data() + 1, text); !status) {
    return status;
  }
  out = Value(std::move(text));
  return {};
}

Result<Value, ParseError> parse_with(Scratch& scratch,
                                     std::string_view text,
                                     const ParseLimits& limits) {
  scratch.padded.assign(text);
  scratch.padded.append(simdjson::SIMDJSON_PADDING, ' ');
  const simdjson::padded_string_view view(scratch.padded.data(), text.size(),
                                          scratch.padded.size());
  // In steps, or each document a little longer than the last would allocate.
  const size_t capacity = std::bit_ceil(std::max(text.size(), kCapacityMin));
  if (scratch.parser.capacity() < text.size() &&
      scratch.parser.allocate(capacity) != simdjson::SUCCESS) {
    return Err(ParseError::kTooLarge);
  }
  ondemand::document document;
  const auto error = scratch.parser.iterate(view).get(document);
  if (error != simdjson::SUCCESS) return Err(error_of(error));
  Value root;
  if (auto status = read_root(document, text.front(), limits, root); !status) {
    return Err(status.error());
  }
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS) {
    return Err(ParseError::kSyntax);  // something follows the document
  }
  return root;
}

}  // namespace

Result<Value, ParseError> parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes_max) return Err(ParseError::kTooLarge);
  text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  // §8.1 lets a reader ignore a byte order mark; releases of simdjson differ, so none may come in.
  if (text.empty() || text.starts_with(kByteOrderMark)) return Err(ParseError::kSyntax);
  if (text.front() != '{' && text.front() != '[' && text.front() != '"') {
    Value root;
    if (auto status = read_word(text, root); !status) return Err(status.error());
    return root;
  }
  if (text.size() > kKeptBytes) {
    const auto scratch = std::make_unique<Scratch>();
    return parse_with(*scratch, text, limits);
  }
  static thread_local Scratch scratch;
  return parse_with(scratch, text, limits);
}

std::string_view slug(ParseError error) noexcept {
  switch (error) {
    case ParseError::kSyntax:
      return "syntax";
    case ParseError::kTooDeep:
      return "too_deep";
    case ParseError::kDuplicateKey:
      return "duplicate_key";
    case ParseError::kInvalidUtf8:
      return "invalid_utf8";
    case ParseError::kNumber:
      return "number";
    case ParseError::kTooLarge:
      return "too_large";
  }
  return "";
}

}  // namespace carillon::json
