// Text to Value (RFC 8259), strict and bounded: for what peers send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/json/value.h"

namespace carillon::json {

enum class ParseError : uint8_t {
  kSyntax,  // not JSON: NaN, a byte order mark, trailing bytes and lone surrogates too
  kTooDeep,
  kDuplicateKey,
  kInvalidUtf8,
  kNumber,  // not a JSON number, or one that no finite double is near (1e999)
  kTooLarge,
};

struct ParseLimits {
  size_t depth_max = 64;  // arrays and objects inside one another; at most 1,000
  size_t bytes_max = 1 << 20;
};

// Reads exactly one document. Refuses what readers differ about, above all repeated keys: nobody
// downstream may see another value than the one that was checked here.
// Any thread; each keeps a buffer of its own for small documents.
Result<Value, ParseError> parse(std::string_view text, const ParseLimits& limits = {});

// A snake_case name for logs and metrics.
std::string_view slug(ParseError error) noexcept;

}  // namespace carillon::json
