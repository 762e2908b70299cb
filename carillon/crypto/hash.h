// SHA-1 (for the WebSocket handshake only) and SHA-256.
#pragma once

#include <array>
#include <cstddef>

#include "carillon/base/bytes.h"

namespace carillon {

// Any thread. RFC 6455 §4.2.2 asks for it; nothing else may: SHA-1 is broken.
std::array<std::byte, 20> sha1(ByteView bytes);

// Any thread.
std::array<std::byte, 32> sha256(ByteView bytes);

}  // namespace carillon
