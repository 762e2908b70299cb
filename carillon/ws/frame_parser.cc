#include "carillon/ws/frame_parser.h"

#include <cstring>

#include "carillon/base/utf8.h"

namespace carillon::ws {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kRsv2And3 = 0x30;
constexpr uint8_t kOpcodeBits = 0x0f;
constexpr uint8_t kMaskBit = 0x80;
constexpr uint8_t kLengthBits = 0x7f;
constexpr uint8_t kLength16 = 126;
constexpr uint64_t kLength63Max = (uint64_t{1} << 63) - 1;

using Header = Result<std::optional<FrameHeader>, FrameError>;

uint8_t byte_at(ByteView bytes, size_t index) noexcept {
  return std::to_integer<uint8_t>(bytes[index]);
}

uint64_t load_big_endian(ByteView bytes) noexcept {
  uint64_t value = 0;
  for (const std::byte byte : bytes) value = (value << 8) | std::to_integer<uint64_t>(byte);
  return value;
}

std::optional<FrameError> check_first_byte(uint8_t first) noexcept {
  if ((first & kRsv2And3) != 0) return FrameError::kReservedBits;
  const uint8_t opcode = first & kOpcodeBits;
  if ((opcode & 7) > 2) return FrameError::kReservedOpcode;
  // RFC 7692 §6: the first frame of a message bears the bit; others and control frames must not.
  const bool may_be_compressed = opcode == 1 || opcode == 2;
  if ((first & kRsv1) != 0 && !may_be_compressed) return FrameError::kReservedBits;
  if (opcode >= 8 && (first & kFin) == 0) return FrameError::kFragmentedControl;
  return std::nullopt;
}

}  // namespace

Header parse_header(ByteView bytes, uint64_t payload_bytes_max, Sender sender) {
  if (bytes.empty()) return std::optional<FrameHeader>();
  const uint8_t first = byte_at(bytes, 0);
  if (const auto error = check_first_byte(first)) return Err(*error);
  if (bytes.size() < 2) return std::optional<FrameHeader>();

  const uint8_t second = byte_at(bytes, 1);
  const bool is_masked = (second & kMaskBit) != 0;
  if (is_masked != (sender == Sender::kClient)) {
    return Err(is_masked ? FrameError::kMasked : FrameError::kNotMasked);
  }
  FrameHeader header;
  header.opcode = static_cast<Opcode>(first & kOpcodeBits);
  header.fin = (first & kFin) != 0;
  header.compressed = (first & kRsv1) != 0;
  header.payload_bytes = second & kLengthBits;
  if (is_control(header.opcode) && header.payload_bytes > kControlPayloadBytesMax) {
    return Err(FrameError::kControlTooLong);
  }
  size_t used = 2;
  if (header.payload_bytes >= kLength16) {
    const size_t length_bytes = header.payload_bytes == kLength16 ? 2 : 8;
    if (bytes.size() < used + length_bytes) return std::optional<FrameHeader>();
    header.payload_bytes = load_big_endian(bytes.subspan(used, length_bytes));
    used += length_bytes;
    // §5.2: the minimal number of bytes, and the top bit of 64 is zero.
    const uint64_t least = length_bytes == 2 ? kLength16 : uint64_t{1} << 16;
    if (header.payload_bytes < least || header.payload_bytes > kLength63Max) {
      return Err(FrameError::kLengthNotMinimal);
    }
  }
  if (!is_control(header.opcode) && header.payload_bytes > payload_bytes_max) {
    return Err(FrameError::kTooLarge);
  }
  if (is_masked) {
    if (bytes.size() < used + sizeof header.mask_key) return std::optional<FrameHeader>();
    std::memcpy(&header.mask_key, bytes.data() + used, sizeof header.mask_key);
    used += sizeof header.mask_key;
  }
  header.header_bytes = static_cast<uint8_t>(used);
  return std::optional<FrameHeader>(header);
}

Result<ClosePayload, FrameError> parse_close_payload(std::string_view payload) {
  if (payload.empty()) return ClosePayload();
  if (payload.size() == 1) return Err(FrameError::kBadClosePayload);
  ClosePayload close;
  close.code = static_cast<uint16_t>(load_big_endian(as_bytes(payload.substr(0, 2))));
  close.reason = payload.substr(2);
  if (!is_legal_on_wire(close.code)) return Err(FrameError::kBadCloseCode);
  if (!is_valid_utf8(close.reason)) return Err(FrameError::kBadUtf8);
  return close;
}

CloseCode close_code_for(FrameError error) noexcept {
  switch (error) {
    case FrameError::kReservedBits:
    case FrameError::kReservedOpcode:
    case FrameError::kFragmentedControl:
    case FrameError::kControlTooLong:
    case FrameError::kLengthNotMinimal:
    case FrameError::kNotMasked:
    case FrameError::kMasked:
    case FrameError::kUnexpectedContinuation:
    case FrameError::kExpectedContinuation:
    case FrameError::kBadClosePayload:
    case FrameError::kBadCloseCode:
    case FrameError::kBadDeflate:
      return CloseCode::kProtocol;
    case FrameError::kBadUtf8:
      return CloseCode::kBadUtf8;
    case FrameError::kTooLarge:
      return CloseCode::kTooLarge;
    case FrameError::kNotText:
      return CloseCode::kNotText;
  }
  return CloseCode::kProtocol;
}

std::string_view slug(FrameError error) noexcept {
  switch (error) {
    case FrameError::kReservedBits:
      return "reserved_bits";
    case FrameError::kReservedOpcode:
      return "reserved_opcode";
    case FrameError::kFragmentedControl:
      return "fragmented_control";
    case FrameError::kControlTooLong:
      return "control_too_long";
    case FrameError::kLengthNotMinimal:
      return "length_not_minimal";
    case FrameError::kNotMasked:
      return "not_masked";
    case FrameError::kMasked:
      return "masked";
    case FrameError::kUnexpectedContinuation:
      return "unexpected_continuation";
    case FrameError::kExpectedContinuation:
      return "expected_continuation";
    case FrameError::kBadClosePayload:
      return "bad_close_payload";
    case FrameError::kBadCloseCode:
      return "bad_close_code";
    case FrameError::kBadUtf8:
      return "bad_utf8";
    case FrameError::kBadDeflate:
      return "bad_deflate";
    case FrameError::kTooLarge:
      return "too_large";
    case FrameError::kNotText:
      return "not_text";
  }
  return "";
}

}  // namespace carillon::ws
