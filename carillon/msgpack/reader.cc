#include "carillon/msgpack/reader.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>
#include <unordered_map>

#include "carillon/base/base64.h"
#include "carillon/base/bytes.h"
#include "carillon/base/utf8.h"

namespace carillon::msgpack {
namespace {

using json::Value;
using Status = Result<void, ReadError>;

constexpr size_t kDepthCeiling = 1024;  // the walk is recursive; Python's limit, too
constexpr size_t kLinearMembersMax = 16;

// The type bytes, less those that hold their value.
constexpr uint8_t kNil = 0xc0;
constexpr uint8_t kReservedByte = 0xc1;
constexpr uint8_t kFalse = 0xc2;
constexpr uint8_t kTrue = 0xc3;
constexpr uint8_t kBin8 = 0xc4;
constexpr uint8_t kExt8 = 0xc7;
constexpr uint8_t kFloat32 = 0xca;
constexpr uint8_t kFloat64 = 0xcb;
constexpr uint8_t kUint8 = 0xcc;
constexpr uint8_t kInt8 = 0xd0;
constexpr uint8_t kFixExt1 = 0xd4;
constexpr uint8_t kStr8 = 0xd9;
constexpr uint8_t kArray16 = 0xdc;
constexpr uint8_t kMap16 = 0xde;
constexpr uint8_t kNegativeFixInt = 0xe0;

constexpr bool is_between(uint8_t byte, uint8_t first, uint8_t end) {
  return byte >= first && byte < end;
}
constexpr bool is_str(uint8_t type) {
  return (type & 0xe0) == 0xa0 || is_between(type, kStr8, kArray16);
}
constexpr bool is_bin(uint8_t type) {
  return is_between(type, kBin8, kExt8);
}

// The members of a map so far; finds repeated keys without comparing each with each.
class Members {
 public:
  // The place of `key`'s value, new or not.
  Value& at(std::string key) {
    if (members_.size() < kLinearMembersMax) {
      const auto found = std::ranges::find(members_, key, &Value::Member::key);
      if (found != members_.end()) return found->value;
    } else {
      if (indices_.empty()) {
        for (size_t i = 0; i < members_.size(); ++i) indices_.emplace(members_[i].key, i);
      }
      const auto [found, is_new] = indices_.emplace(key, members_.size());
      if (!is_new) return members_[found->second].value;
    }
    return members_.emplace_back(Value::Member{std::move(key), Value()}).value;
  }
  Value::Object take() { return std::move(members_); }

 private:
  Value::Object members_;
  std::unordered_map<std::string, size_t> indices_;  // once there are many
};

class Walk {
 public:
  Walk(std::string_view bytes, const ReadLimits& limits)
      : rest_(bytes),
        depth_left_(std::min(limits.depth_max, kDepthCeiling)),
        depth_left_inside_(depth_left_ - 1),
        text_member_(limits.text_member) {}

  Status read(Value& out) {
    CARILLON_TRY(const uint8_t type, byte());
    if (type < 0x80) return keep(out, Value(uint64_t{type}));
    if (type < 0x90) return read_map(type & 0x0fU, out);
    if (type < 0xa0) return read_array(type & 0x0fU, out);
    if (is_str(type)) return read_str(type, out);
    if (is_bin(type)) return read_bin(type, out);
    if (type >= kNegativeFixInt) return keep(out, Value(static_cast<int8_t>(type)));
    if (is_between(type, kUint8, kInt8)) return read_unsigned(size_t{1} << (type - kUint8), out);
    if (is_between(type, kInt8, kFixExt1)) return read_signed(size_t{1} << (type - kInt8), out);
    return read_other(type, out);
  }
  bool is_at_end() const { return rest_.empty(); }

 private:
  static Status keep(Value& out, Value value) {
    out = std::move(value);
    return {};
  }

  Status read_other(uint8_t type, Value& out) {
    if (type == kNil) return keep(out, Value());
    if (type == kFalse || type == kTrue) return keep(out, Value(type == kTrue));
    if (type == kFloat32) return read_float32(out);
    if (type == kFloat64) return read_float64(out);
    if (type == kReservedByte) return Err(ReadError::kReserved);
    if (type < kArray16) return Err(ReadError::kExtension);
    CARILLON_TRY(const uint64_t count, big_endian((type & 1) == 0 ? 2 : 4));
    return type < kMap16 ? read_array(count, out) : read_map(count, out);
  }

  Result<uint8_t, ReadError> byte() {
    if (rest_.empty()) return Err(ReadError::kTruncated);
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  Result<uint64_t, ReadError> big_endian(size_t size) {
    if (rest_.size() < size) return Err(ReadError::kTruncated);
    uint64_t number = 0;
    for (size_t i = 0; i < size; ++i) number = number << 8 | static_cast<uint8_t>(rest_[i]);
    rest_.remove_prefix(size);
    return number;
  }

  // What a str or bin of this type holds.
  Result<std::string_view, ReadError> content(uint8_t type) {
    uint64_t length = type & 0x1fU;  // of a fixstr
    if (is_between(type, kStr8, kArray16) || is_bin(type)) {
      const unsigned size_log2 = type - (is_bin(type) ? kBin8 : kStr8);
      CARILLON_TRY(length, big_endian(size_t{1} << size_log2));
    }
    if (rest_.size() < length) return Err(ReadError::kTruncated);
    const std::string_view content = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return content;
  }

  Status read_str(uint8_t type, Value& out) {
    CARILLON_TRY(const std::string_view text, content(type));
    if (!is_valid_utf8(text)) return Err(ReadError::kInvalidUtf8);
    return keep(out, Value(text));
  }

  Status read_bin(uint8_t type, Value& out) {
    CARILLON_TRY(const std::string_view bytes, content(type));
    return keep(out, Value(base64_encode(as_bytes(bytes))));
  }

  Status read_unsigned(size_t size, Value& out) {
    CARILLON_TRY(const uint64_t number, big_endian(size));
    return keep(out, Value(number));
  }

  Status read_signed(size_t size, Value& out) {
    CARILLON_TRY(const uint64_t bits, big_endian(size));
    const size_t shift = 64 - 8 * size;  // copies the sign into the bits above
    return keep(out, Value(static_cast<int64_t>(bits << shift) >> shift));
  }

  Status read_float32(Value& out) {
    CARILLON_TRY(const uint64_t bits, big_endian(4));
    return keep(out, Value(double{std::bit_cast<float>(static_cast<uint32_t>(bits))}));
  }

  Status read_float64(Value& out) {
    CARILLON_TRY(const uint64_t bits, big_endian(8));
    return keep(out, Value(std::bit_cast<double>(bits)));
  }

  // Nothing is reserved by `count`, which may be made up: each element takes a byte at least.
  Status read_array(uint64_t count, Value& out) {
    if (depth_left_ == 0) return Err(ReadError::kTooDeep);
    --depth_left_;
    Value::Array elements;
    for (uint64_t i = 0; i < count; ++i) {
      if (auto status = read(elements.emplace_back()); !status) return status;
    }
    ++depth_left_;
    return keep(out, Value::array(std::move(elements)));
  }

  Status read_map(uint64_t count, Value& out) {
    if (depth_left_ == 0) return Err(ReadError::kTooDeep);
    --depth_left_;
    Members members;
    for (uint64_t i = 0; i < count; ++i) {
      CARILLON_TRY(std::string key, read_key());
      if (key == text_member_ && is_bin_in_outermost()) return Err(ReadError::kNotText);
      Value value;
      if (auto status = read(value); !status) return status;
      members.at(std::move(key)) = std::move(value);
    }
    ++depth_left_;
    return keep(out, Value::object(members.take()));
  }

  Result<std::string, ReadError> read_key() {
    CARILLON_TRY(const uint8_t type, byte());
    if (!is_str(type) && !is_bin(type)) return Err(ReadError::kKey);
    CARILLON_TRY(const std::string_view text, content(type));
    if (!is_valid_utf8(text)) {
      return Err(is_str(type) ? ReadError::kInvalidUtf8 : ReadError::kKey);
    }
    return std::string(text);
  }

  // Inside the outermost map, that is; of an outermost array there are no members to ask for.
  bool is_bin_in_outermost() const {
    return depth_left_ == depth_left_inside_ && !rest_.empty() &&
           is_bin(static_cast<uint8_t>(rest_.front()));
  }

  std::string_view rest_;
  size_t depth_left_;
  const size_t depth_left_inside_;
  const std::string_view text_member_;
};

}  // namespace

Result<Value, ReadError> parse(std::string_view bytes, const ReadLimits& limits) {
  if (bytes.size() > limits.bytes_max) return Err(ReadError::kTooLarge);
  Walk walk(bytes, limits);
  Value value;
  if (auto status = walk.read(value); !status) return Err(status.error());
  if (!walk.is_at_end()) return Err(ReadError::kTrailingBytes);
  return value;
}

std::string_view slug(ReadError error) noexcept {
  switch (error) {
    case ReadError::kTruncated:
      return "truncated";
    case ReadError::kTrailingBytes:
      return "trailing_bytes";
    case ReadError::kTooDeep:
      return "too_deep";
    case ReadError::kTooLarge:
      return "too_large";
    case ReadError::kInvalidUtf8:
      return "invalid_utf8";
    case ReadError::kKey:
      return "key";
    case ReadError::kExtension:
      return "extension";
    case ReadError::kReserved:
      return "reserved";
    case ReadError::kNotText:
      return "not_text";
  }
  return "";
}

}  // namespace carillon::msgpack
