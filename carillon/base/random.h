// Randomness of two kinds: the kernel's for secrets, a small generator for jitter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "carillon/base/bytes.h"

namespace carillon {

// Fills `bytes` from the kernel's generator; good for keys and ids. Any thread.
void fill_random(MutableByteView bytes);

// `bytes` random bytes as lower-case hex, twice as many characters. Any thread.
std::string random_hex(size_t bytes);

// For jitter and mask keys of test clients, never for secrets: whoever sees some of its numbers
// can compute the rest. Eight bytes of state (SplitMix64); not thread-safe, one per owner.
class Random {
 public:
  // The same seed gives the same numbers.
  explicit Random(uint64_t seed) noexcept : state_(seed) {}
  // Seeded by the kernel.
  Random();

  uint64_t next() noexcept;
  // Uniform in [0, bound); 0 when bound is 0.
  uint64_t below(uint64_t bound) noexcept;

 private:
  uint64_t state_;
};

}  // namespace carillon
