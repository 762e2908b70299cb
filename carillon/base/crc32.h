// CRC-32 (IEEE 802.3), as zlib computes it.
#pragma once

#include <cstdint>

#include "carillon/base/bytes.h"

namespace carillon {

// For spreading keys over hosts; says nothing about who wrote the bytes.
uint32_t crc32(ByteView bytes) noexcept;

}  // namespace carillon
