// Whole messages to and from permessage-deflate payloads without context takeover (RFC 7692 §7.2).
//
// Both classes keep zlib's state between calls and start each message afresh, so one of each serves
// every connection of a loop. Neither is thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "carillon/base/result.h"

namespace carillon::ws {

// Below this a message is not worth compressing.
inline constexpr size_t kDeflateFromBytes = 256;

inline constexpr int kWindowBitsMin = 9;  // zlib's raw deflate cannot do 8
inline constexpr int kWindowBitsMax = 15;

class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(Deflater&&) noexcept;
  Deflater& operator=(Deflater&&) noexcept;

  // The payload of a frame with RSV1. `window_bits` is what was agreed (9 to 15): the receiver
  // needs no larger window. State for a window is allocated when it is first used (256 KiB at 15).
  std::string deflate(std::string_view payload, int window_bits = kWindowBitsMax);

 private:
  struct Stream;
  std::array<std::unique_ptr<Stream>, kWindowBitsMax - kWindowBitsMin + 1> streams_;
};

enum class InflateError : uint8_t {
  kCorrupt,   // not deflate, or it ends in the middle of a block
  kTooLarge,  // more than bytes_max
};

class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  // Replaces `out` by the message. Its memory grows as bytes come out, never past `bytes_max`, so
  // a small message that claims to be large costs what it is. Blocks with BFINAL are taken
  // (RFC 7692 §7.2.3.4). On an error `out` holds what came before it.
  Result<void, InflateError> inflate(std::string_view compressed,
                                     size_t bytes_max,
                                     std::string& out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace carillon::ws
