// Masking and unmasking, which are the same (RFC 6455 §5.3).
#pragma once

#include <cstdint>

#include "carillon/base/bytes.h"

namespace carillon::ws {

// XORs `bytes` in place with `key`, whose bytes in memory are those on the wire. `offset` is the
// position of bytes[0] in the frame's payload, so a payload may be unmasked piece by piece.
void apply_mask(MutableByteView bytes, uint32_t key, uint64_t offset) noexcept;

}  // namespace carillon::ws
