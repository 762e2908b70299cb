// Msgpack to Value: all that Python's msgpack reads and JSON can say. Strict and bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/json/value.h"

namespace carillon::msgpack {

enum class ReadError : uint8_t {
  kTruncated,
  kTrailingBytes,
  kTooDeep,
  kTooLarge,
  kInvalidUtf8,  // in a str
  kKey,          // a map's key that is neither str nor a bin of UTF-8
  kExtension,    // an ext or timestamp, which JSON cannot say
  kReserved,     // the type byte 0xc1
  kNotText,      // a bin where `text_member` asks for a str
};

struct ReadLimits {
  size_t depth_max = 512;  // maps and arrays inside one another; Python writes up to 511
  size_t bytes_max = 1 << 20;
  // A member of the outermost map that must not be a bin, whose base64 text would pass for one.
  std::string_view text_member = {};
};

// Reads exactly one object. Encodings need not be the shortest. What JSON lacks becomes what the
// protocol promises clients: bin is base64 text, a float that is not finite is null. Of a repeated
// key the last value counts, where the first stood. Any thread.
Result<json::Value, ReadError> parse(std::string_view bytes, const ReadLimits& limits = {});

// A snake_case name for logs and metrics.
std::string_view slug(ReadError error) noexcept;

}  // namespace carillon::msgpack
