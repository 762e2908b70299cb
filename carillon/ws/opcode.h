// What a frame is (RFC 6455 §5.2).
#pragma once

#include <cstdint>

namespace carillon::ws {

enum class Opcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

// Control frames have the high bit (§5.5).
constexpr bool is_control(Opcode opcode) noexcept {
  return static_cast<uint8_t>(opcode) >= 8;
}

}  // namespace carillon::ws
