// Frames to bytes (RFC 6455 §5.2): the server's unmasked ones, and masked ones for our own clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/ws/opcode.h"

namespace carillon::ws {

// Length of an unmasked header before `payload_bytes` of payload: 2, 4 or 10.
constexpr size_t frame_header_bytes(uint64_t payload_bytes) noexcept {
  return payload_bytes < 126 ? 2 : payload_bytes < 65536 ? 4 : 10;
}

// Appends one frame. `compressed` sets RSV1: the payload is what Deflater made, and the opcode is
// text or binary. A control frame has at most 125 bytes and `fin` set (§5.5). Either is the
// caller's promise.
void append_frame(std::string& out,
                  Opcode opcode,
                  std::string_view payload,
                  bool compressed = false,
                  bool fin = true);

// One frame in a string of exactly its size.
std::string make_frame(Opcode opcode, std::string_view payload, bool compressed = false);

// `reason` is UTF-8; past 123 bytes it is cut at the end of a character. Code 1005 makes a frame
// without a body; any other code must be legal on the wire.
std::string make_close_frame(uint16_t code, std::string_view reason);

// A client's frame, with FIN. `mask_key` should be unpredictable where proxies are around (§5.3).
void append_masked_frame(std::string& out,
                         Opcode opcode,
                         std::string_view payload,
                         uint32_t mask_key);

}  // namespace carillon::ws
