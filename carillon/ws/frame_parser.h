// Bytes to frame headers (RFC 6455 §5.2). Pure: no socket, no clock, no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/base/result.h"
#include "carillon/ws/close_code.h"
#include "carillon/ws/opcode.h"

namespace carillon::ws {

// What a peer can do wrong, from one header to a whole message.
enum class FrameError : uint8_t {
  kReservedBits,            // RSV2 or RSV3, or RSV1 where compression cannot be (§5.2, RFC 7692 §6)
  kReservedOpcode,          // 3 to 7, 11 to 15
  kFragmentedControl,       // a control frame without FIN (§5.5)
  kControlTooLong,          // a control frame over 125 bytes (§5.5)
  kLengthNotMinimal,        // a length in more bytes than it needs, or of 64 bits (§5.2)
  kNotMasked,               // a client's frame without a mask (§5.1)
  kMasked,                  // a server's frame with one (§5.1)
  kUnexpectedContinuation,  // a continuation with nothing to continue (§5.4)
  kExpectedContinuation,    // a new message inside a fragmented one (§5.4)
  kBadClosePayload,         // a close frame of one byte (§5.5.1)
  kBadCloseCode,            // a code that must not be sent (§7.4)
  kBadUtf8,                 // text, or a close reason, that is not UTF-8 (§8.1)
  kBadDeflate,              // a compressed message that does not inflate (RFC 7692 §7.2.2)
  kTooLarge,                // over the limit for messages
  kNotText,                 // a binary message where only text is understood
};

// The code to close with. The exact reason is for counters and logs only.
CloseCode close_code_for(FrameError error) noexcept;

// Stable, snake_case: "unexpected_continuation".
std::string_view slug(FrameError error) noexcept;

inline constexpr size_t kFrameHeaderBytesMax = 14;
inline constexpr size_t kControlPayloadBytesMax = 125;  // §5.5

struct FrameHeader {
  uint64_t payload_bytes = 0;
  uint32_t mask_key = 0;  // its four bytes as they stand on the wire, for apply_mask(); 0: unmasked
  Opcode opcode = Opcode::kContinuation;
  uint8_t header_bytes = 0;  // length on the wire, mask key included
  bool fin = false;
  bool compressed = false;  // RSV1; legal only once permessage-deflate is agreed
};

enum class Sender : uint8_t { kClient, kServer };

// Reads one header from the front of `bytes`; empty when more bytes are needed to tell. An error
// is reported at the first byte that shows it. A client's frame must be masked and a server's must
// not (§5.1); a data frame of more than `payload_bytes_max` is kTooLarge.
Result<std::optional<FrameHeader>, FrameError> parse_header(ByteView bytes,
                                                            uint64_t payload_bytes_max,
                                                            Sender sender = Sender::kClient);

// The body of a close frame (§5.5.1). `reason` is a view into the payload.
struct ClosePayload {
  uint16_t code = static_cast<uint16_t>(CloseCode::kNoStatus);  // 1005 when there was none
  std::string_view reason;
};

// Reads an unmasked close payload: empty, or a code that is legal on the wire and a UTF-8 reason.
Result<ClosePayload, FrameError> parse_close_payload(std::string_view payload);

}  // namespace carillon::ws
