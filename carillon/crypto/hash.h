// Digests. The algorithms are fetched once a process and the contexts kept per thread, because
// fetching and allocating cost more than hashing a token does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "carillon/base/bytes.h"

namespace carillon::crypto {

// The hashes that signatures and MACs are made over.
enum class HashAlgorithm : uint8_t { kSha256, kSha384, kSha512 };

inline constexpr size_t kDigestBytesMax = 64;

// Length of the digest: 32, 48 or 64.
constexpr size_t digest_bytes(HashAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
      return 64;
  }
  return 0;
}

// Only for RFC 6455's handshake; never for anything that must resist an attacker. Any thread.
std::array<std::byte, 20> sha1(ByteView bytes);

std::array<std::byte, 32> sha256(ByteView bytes);

}  // namespace carillon::crypto
