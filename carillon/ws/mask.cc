#include "carillon/ws/mask.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace carillon::ws {
namespace {

template <class Word>
void xor_word(std::byte* at, Word mask) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  word ^= mask;
  std::memcpy(at, &word, sizeof word);
}

// The key as it stands when the payload is entered at `offset`: byte 0 is for bytes[0].
uint32_t rotated(uint32_t key, uint64_t offset) noexcept {
  const int bits = static_cast<int>(offset % 4) * 8;
  return std::endian::native == std::endian::little ? std::rotr(key, bits) : std::rotl(key, bits);
}

}  // namespace

void apply_mask(MutableByteView bytes, uint32_t key, uint64_t offset) noexcept {
  const uint32_t mask = rotated(key, offset);
  const uint64_t wide = (uint64_t{mask} << 32) | mask;
  std::byte* at = bytes.data();
  size_t left = bytes.size();
  // A constant count, so that the compiler makes vector instructions of it.
  constexpr size_t kBlockBytes = 64;
  for (; left >= kBlockBytes; left -= kBlockBytes, at += kBlockBytes) {
    for (size_t i = 0; i < kBlockBytes; i += sizeof wide) xor_word(at + i, wide);
  }
  for (; left >= sizeof wide; left -= sizeof wide, at += sizeof wide) xor_word(at, wide);
  if (left >= sizeof mask) {
    xor_word(at, mask);
    at += sizeof mask;
    left -= sizeof mask;
  }
  std::byte key_bytes[sizeof mask];
  std::memcpy(key_bytes, &mask, sizeof mask);
  for (size_t i = 0; i < left; ++i) at[i] ^= key_bytes[i];
}

}  // namespace carillon::ws
