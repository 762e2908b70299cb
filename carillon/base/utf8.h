// UTF-8 as Unicode defines it (RFC 3629): no surrogates, no overlong forms, nothing past U+10FFFF.
#pragma once

#include <cstdint>
#include <string_view>

#include "carillon/base/bytes.h"

namespace carillon {

// Checks text that arrives in pieces, cut anywhere. Pure, a few bytes, no allocation.
class Utf8Validator {
 public:
  // False as soon as what was fed since reset() cannot be the start of valid UTF-8, and from then
  // on until reset().
  [[nodiscard]] bool feed(ByteView bytes) noexcept;

  // Whether the text may end here: nothing was refused and no sequence is half-way.
  bool is_complete() const noexcept { return pending_count_ == 0; }

  void reset() noexcept { *this = Utf8Validator(); }

 private:
  bool begin_sequence(uint8_t lead) noexcept;
  bool refuse() noexcept;

  uint8_t pending_count_ = 0;  // continuation bytes that the current sequence still needs
  uint8_t next_min_ = 0x80;    // bounds of the next of them; an empty range once refused
  uint8_t next_max_ = 0xbf;
};

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

}  // namespace carillon
