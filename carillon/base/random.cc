#include "carillon/base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "carillon/base/assert.h"

namespace carillon {

void fill_random(MutableByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t filled = getrandom(bytes.data(), bytes.size(), 0);
    // With these arguments it fails only where the system call itself is forbidden; going on
    // without randomness would make guessable secrets.
    CARILLON_ASSERT(filled > 0 || errno == EINTR);
    if (filled > 0) bytes = bytes.subspan(static_cast<size_t>(filled));
  }
}

std::string random_hex(size_t bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(bytes * 2, '\0');
  // The second half holds the bytes until the first has overtaken it.
  char* const raw = hex.data() + bytes;
  fill_random({reinterpret_cast<std::byte*>(raw), bytes});
  for (size_t i = 0; i < bytes; ++i) {
    const auto byte = static_cast<uint8_t>(raw[i]);
    hex[2 * i] = kDigits[byte >> 4];
    hex[2 * i + 1] = kDigits[byte & 15];
  }
  return hex;
}

Random::Random() : state_(0) {
  fill_random({reinterpret_cast<std::byte*>(&state_), sizeof state_});
}

uint64_t Random::next() noexcept {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t Random::below(uint64_t bound) noexcept {
  __extension__ using Wide = unsigned __int128;
  if (bound == 0) return 0;
  // Lemire's method: the high half of a product, drawn again in the few cases that would favour
  // some results.
  Wide product = Wide{next()} * bound;
  if (static_cast<uint64_t>(product) < bound) {
    const uint64_t favoured = (0 - bound) % bound;
    while (static_cast<uint64_t>(product) < favoured) product = Wide{next()} * bound;
  }
  return static_cast<uint64_t>(product >> 64);
}

}  // namespace carillon
