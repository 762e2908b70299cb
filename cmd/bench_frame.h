// A client's view of the frames that a server sends: as little work as counting them needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "carillon/ws/opcode.h"

namespace carillon::bench {

struct ServerFrame {
  ws::Opcode opcode = ws::Opcode::kContinuation;
  std::string_view payload;
  size_t bytes = 0;  // header included
};

// Reads the unmasked frame at the front of `bytes` (RFC 6455 §5.2); false: more bytes are needed.
// Made for a server that is trusted to send whole messages, unlike ws::MessageAssembler, and
// inline because it runs once for each of millions of deliveries a second.
inline bool read_frame(std::string_view bytes, ServerFrame& frame) noexcept {
  const auto byte_at = [&](size_t i) {
    return static_cast<uint64_t>(static_cast<uint8_t>(bytes[i]));
  };
  if (bytes.size() < 2) return false;
  uint64_t payload_bytes = byte_at(1) & 127;
  size_t header_bytes = 2;
  if (payload_bytes >= 126) {
    const size_t length_bytes = payload_bytes == 126 ? 2 : 8;
    header_bytes += length_bytes;
    if (bytes.size() < header_bytes) return false;
    payload_bytes = 0;
    for (size_t i = 0; i < length_bytes; i++) payload_bytes = payload_bytes << 8 | byte_at(2 + i);
  }
  if (bytes.size() - header_bytes < payload_bytes) return false;
  frame.opcode = static_cast<ws::Opcode>(byte_at(0) & 15);
  frame.payload = bytes.substr(header_bytes, payload_bytes);
  frame.bytes = header_bytes + payload_bytes;
  return true;
}

}  // namespace carillon::bench
