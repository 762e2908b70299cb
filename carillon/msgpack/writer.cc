#include "carillon/msgpack/writer.h"

#include <bit>

#include "carillon/base/assert.h"

namespace carillon::msgpack {
namespace {

void append_byte(std::string& out, uint64_t byte) {
  out += static_cast<char>(static_cast<unsigned char>(byte));
}

// The low `size` bytes of `number`, big endian.
void append_big_endian(std::string& out, uint64_t number, size_t size) {
  for (size_t i = size; i > 0; --i) append_byte(out, number >> (8 * (i - 1)) & 0xff);
}

// `first` is the type byte of the two-byte length; that of four bytes comes after it.
void append_length(std::string& out, uint8_t first, size_t length) {
  CARILLON_ASSERT(length <= UINT32_MAX);
  const bool is_short = length <= UINT16_MAX;
  append_byte(out, is_short ? first : first + 1U);
  append_big_endian(out, length, is_short ? 2 : 4);
}

void append_number(std::string& out, const json::Value& value) {
  if (const auto positive = value.as_uint64()) {
    append_unsigned(out, *positive);
  } else if (const auto negative = value.as_int64()) {
    append_signed(out, *negative);
  } else if (const auto number = value.as_double()) {
    append_float(out, *number);
  } else {
    append_nil(out);
  }
}

}  // namespace

void append_msgpack(std::string& out, const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::kNull:
      append_nil(out);
      return;
    case json::Kind::kBool:
      append_bool(out, *value.as_bool());
      return;
    case json::Kind::kNumber:
      append_number(out, value);
      return;
    case json::Kind::kString:
      append_str(out, *value.as_string());
      return;
    case json::Kind::kArray:
      append_array_header(out, value.as_array()->size());
      for (const json::Value& element : *value.as_array()) append_msgpack(out, element);
      return;
    case json::Kind::kObject:
      append_map_header(out, value.as_object()->size());
      append_members(out, *value.as_object());
      return;
  }
}

std::string to_msgpack(const json::Value& value) {
  std::string out;
  append_msgpack(out, value);
  return out;
}

void append_members(std::string& out, const json::Value::Object& members) {
  for (const json::Value::Member& member : members) {
    append_str(out, member.key);
    append_msgpack(out, member.value);
  }
}

void append_nil(std::string& out) {
  append_byte(out, 0xc0);
}

void append_bool(std::string& out, bool flag) {
  append_byte(out, flag ? 0xc3 : 0xc2);
}

void append_unsigned(std::string& out, uint64_t number) {
  if (number < 0x80) return append_byte(out, number);
  const size_t size_log2 = number <= UINT8_MAX    ? 0
                           : number <= UINT16_MAX ? 1
                           : number <= UINT32_MAX ? 2
                                                  : 3;
  append_byte(out, 0xccU + size_log2);
  append_big_endian(out, number, size_t{1} << size_log2);
}

void append_signed(std::string& out, int64_t number) {
  if (number >= 0) return append_unsigned(out, static_cast<uint64_t>(number));
  const auto bits = static_cast<uint64_t>(number);
  if (number >= -32) return append_byte(out, bits & 0xff);
  const size_t size_log2 = number >= INT8_MIN    ? 0
                           : number >= INT16_MIN ? 1
                           : number >= INT32_MIN ? 2
                                                 : 3;
  append_byte(out, 0xd0U + size_log2);
  append_big_endian(out, bits, size_t{1} << size_log2);
}

void append_float(std::string& out, double number) {
  append_byte(out, 0xcb);
  append_big_endian(out, std::bit_cast<uint64_t>(number), 8);
}

void append_str(std::string& out, std::string_view text) {
  if (text.size() < 32) {
    append_byte(out, 0xa0U + text.size());
  } else if (text.size() <= UINT8_MAX) {
    append_byte(out, 0xd9);
    append_byte(out, text.size());
  } else {
    append_length(out, 0xda, text.size());
  }
  out.append(text);
}

void append_bin(std::string& out, ByteView bytes) {
  if (bytes.size() <= UINT8_MAX) {
    append_byte(out, 0xc4);
    append_byte(out, bytes.size());
  } else {
    append_length(out, 0xc5, bytes.size());
  }
  out.append(as_text(bytes));
}

void append_array_header(std::string& out, size_t count) {
  if (count < 16) return append_byte(out, 0x90U + count);
  append_length(out, 0xdc, count);
}

void append_map_header(std::string& out, size_t count) {
  if (count < 16) return append_byte(out, 0x80U + count);
  append_length(out, 0xde, count);
}

}  // namespace carillon::msgpack
