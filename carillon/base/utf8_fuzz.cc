// The validator against a naive twin, whole, byte by byte and cut in two.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "carillon/base/assert.h"
#include "carillon/base/utf8.h"

namespace {

using carillon::ByteView;

int length_of(uint8_t lead) {
  return lead < 0x80   ? 1
         : lead < 0xc0 ? 0
         : lead < 0xe0 ? 2
         : lead < 0xf0 ? 3
         : lead < 0xf8 ? 4
                       : 0;
}

// The code point of `known` bytes of a sequence at `at`, the others filled up with `filler`.
uint32_t decode(const uint8_t* at, int known, uint8_t filler) {
  const int length = length_of(at[0]);
  uint32_t code_point = at[0];
  if (length > 1) code_point &= 0xffU >> (length + 1);
  for (int i = 1; i < length; ++i)
    code_point = (code_point << 6) | ((i < known ? at[i] : filler) & 0x3f);
  return code_point;
}

// Whether some valid character begins with these bytes: its code point lies between those of the
// lowest and of the highest filling, is long enough for its length, and is no surrogate.
bool can_begin(const uint8_t* at, int known) {
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  static constexpr uint32_t kMost[] = {0, 0x7f, 0x7ff, 0xffff, 0x10ffff};
  const int length = length_of(at[0]);
  if (length == 0) return false;
  for (int i = 1; i < known; ++i) {
    if ((at[i] & 0xc0) != 0x80) return false;
  }
  const uint32_t low = decode(at, known, 0x80);
  const uint32_t high = decode(at, known, 0xbf);
  if (high < kLeast[length] || low > kMost[length]) return false;
  return !(low >= 0xd800 && high <= 0xdfff);
}

struct Verdict {
  std::optional<size_t> refused_at;
  bool is_complete = false;
  bool operator==(const Verdict&) const = default;
};

Verdict naive(const uint8_t* data, size_t size) {
  size_t begin = 0;
  for (size_t i = 0; i < size; ++i) {
    const int known = static_cast<int>(i - begin + 1);
    if (!can_begin(data + begin, known)) return {i, false};
    if (known == length_of(data[begin])) begin = i + 1;
  }
  return {std::nullopt, begin == size};
}

Verdict byte_by_byte(ByteView bytes) {
  carillon::Utf8Validator validator;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!validator.feed(bytes.subspan(i, 1))) return {i, false};
  }
  return {std::nullopt, validator.is_complete()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t cut_seed = *data++;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), --size);
  const Verdict expected = naive(data, size);
  CARILLON_ASSERT(byte_by_byte(bytes) == expected);
  CARILLON_ASSERT(carillon::is_valid_utf8(carillon::as_text(bytes)) == expected.is_complete);

  const size_t cut = cut_seed % (size + 1);
  carillon::Utf8Validator validator;
  const bool first = validator.feed(bytes.first(cut));
  CARILLON_ASSERT(first == (!expected.refused_at || *expected.refused_at >= cut));
  const bool second = validator.feed(bytes.subspan(cut));
  CARILLON_ASSERT(second == !expected.refused_at);
  CARILLON_ASSERT(validator.is_complete() == expected.is_complete);
  validator.reset();
  CARILLON_ASSERT(validator.feed({}) && validator.is_complete());
  return 0;
}
