#include "carillon/base/utf8.h"

#include <cstddef>
#include <cstring>

namespace carillon {
namespace {

uint64_t load_word(const uint8_t* from) noexcept {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

bool is_continuation(uint8_t byte) noexcept {
  return (byte & 0xc0) == 0x80;
}

constexpr uint64_t kHighBits = 0x8080808080808080;

bool is_ascii_word(const uint8_t* at) noexcept {
  return (load_word(at) & kHighBits) == 0;
}

// The first byte from `at` on that is not ASCII.
const uint8_t* skip_ascii(const uint8_t* at, const uint8_t* end) noexcept {
  if (end - at >= 8) {
    while (end - at >= 32) {
      const uint64_t all =
          load_word(at) | load_word(at + 8) | load_word(at + 16) | load_word(at + 24);
      if ((all & kHighBits) != 0) break;
      at += 32;
    }
    while (end - at >= 8 && is_ascii_word(at)) at += 8;
    // The last word may overlap what has been seen already: one look instead of up to seven.
    if (end - at < 8 && is_ascii_word(end - 8)) return end;
  }
  while (at != end && *at < 0x80) ++at;
  return at;
}

// The bounds of the second byte, where the lead leaves less than 80..BF: no overlong form
// (E0, F0), no surrogate (ED), nothing past U+10FFFF (F4).
uint8_t second_min(uint8_t lead) noexcept {
  return lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
}
uint8_t second_max(uint8_t lead) noexcept {
  return lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
}

// Length of the sequence at `at`, which is not ASCII and has four bytes to look at; 0 if invalid.
int sequence_bytes(const uint8_t* at) noexcept {
  const uint8_t lead = at[0];
  if (lead < 0xe0) return lead >= 0xc2 && is_continuation(at[1]) ? 2 : 0;
  if (at[1] < second_min(lead) || at[1] > second_max(lead) || !is_continuation(at[2])) return 0;
  if (lead < 0xf0) return 3;
  return lead <= 0xf4 && is_continuation(at[3]) ? 4 : 0;
}

// Skips whole characters. Stops at the end, at an invalid byte, or where fewer than four bytes are
// left to look at.
const uint8_t* skip_characters(const uint8_t* at, const uint8_t* end) noexcept {
  for (;;) {
    at = skip_ascii(at, end);
    do {
      if (end - at < 4) return at;
      const int length = sequence_bytes(at);
      if (length == 0) return at;
      at += length;
    } while (at != end && *at >= 0x80);
  }
}

}  // namespace

bool Utf8Validator::feed(ByteView bytes) noexcept {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = at + bytes.size();
  for (;;) {
    while (pending_count_ > 0) {
      if (next_min_ > next_max_) return false;
      if (at == end) return true;
      if (*at < next_min_ || *at > next_max_) return refuse();
      ++at;
      --pending_count_;
      next_min_ = 0x80;
      next_max_ = 0xbf;
    }
    at = skip_characters(at, end);
    if (at == end) return true;
    if (!begin_sequence(*at++)) return refuse();
  }
}

bool Utf8Validator::begin_sequence(uint8_t lead) noexcept {
  if (lead < 0x80) return true;
  if (lead < 0xc2 || lead > 0xf4) return false;
  pending_count_ = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  next_min_ = second_min(lead);
  next_max_ = second_max(lead);
  return true;
}

// An empty range for the next byte, which nothing but reset() leaves.
bool Utf8Validator::refuse() noexcept {
  pending_count_ = 1;
  next_min_ = 0xff;
  next_max_ = 0;
  return false;
}

bool is_valid_utf8(std::string_view text) noexcept {
  Utf8Validator validator;
  return validator.feed(as_bytes(text)) && validator.is_complete();
}

}  // namespace carillon
