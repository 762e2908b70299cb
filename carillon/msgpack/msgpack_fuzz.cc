// Any bytes, read, written and read again. The first byte says what the rest is: msgpack, JSON to
// be written, or bytes for a bin.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/base/base64.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"
#include "carillon/msgpack/reader.h"
#include "carillon/msgpack/writer.h"

namespace {

using namespace carillon;

constexpr msgpack::ReadLimits kLimits = {
    .depth_max = 32, .bytes_max = 1 << 16, .text_member = "type"};

void check_read(std::string_view bytes) {
  const auto value = msgpack::parse(bytes, kLimits);
  if (!value) {
    CARILLON_ASSERT(!msgpack::slug(value.error()).empty());
    return;
  }
  // What is read is JSON, and the shortest way to write it is no longer than what was read, but for
  // float32 and the text that stands for a bin.
  const auto same = json::parse(json::to_json(*value), {.bytes_max = size_t{1} << 24});
  CARILLON_ASSERT(same && *same == *value);
  const std::string written = msgpack::to_msgpack(*value);
  const auto again = msgpack::parse(written, {.depth_max = 32, .bytes_max = written.size()});
  CARILLON_ASSERT(again && *again == *value);
}

void check_write(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return;
  const std::string written = msgpack::to_msgpack(*value);
  const auto read = msgpack::parse(written);
  CARILLON_ASSERT(read.has_value());
  CARILLON_ASSERT(msgpack::to_msgpack(*read) == written);  // 1.50 comes back as 1.5
  if (const json::Value::Object* members = value->as_object()) {
    std::string map;
    msgpack::append_map_header(map, members->size());
    msgpack::append_members(map, *members);
    CARILLON_ASSERT(map == written);
  }
}

void check_bin(std::string_view bytes) {
  std::string written;
  msgpack::append_bin(written, as_bytes(bytes));
  const auto read = msgpack::parse(written);
  CARILLON_ASSERT(read && *read == json::Value(base64_encode(as_bytes(bytes))));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'm':
      check_read(rest);
      break;
    case 'j':
      check_write(rest);
      break;
    case 'b':
      check_bin(rest);
      break;
    default:
      break;
  }
  return 0;
}
