#include "carillon/ws/frame_writer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "carillon/base/assert.h"
#include "carillon/ws/close_code.h"
#include "carillon/ws/frame_parser.h"
#include "carillon/ws/mask.h"

namespace carillon::ws {
namespace {

struct HeaderBits {
  Opcode opcode;
  bool fin = true;
  bool compressed = false;
  bool masked = false;
};

void append_header(std::string& out, HeaderBits bits, uint64_t payload_bytes) {
  CARILLON_DCHECK(!is_control(bits.opcode) ||
                  (bits.fin && !bits.compressed && payload_bytes <= kControlPayloadBytesMax));
  std::array<char, kFrameHeaderBytesMax> header;
  const size_t header_bytes = frame_header_bytes(payload_bytes);
  header[0] = static_cast<char>((bits.fin ? 0x80 : 0) | (bits.compressed ? 0x40 : 0) |
                                static_cast<int>(bits.opcode));
  const uint64_t length7 = header_bytes == 2 ? payload_bytes : header_bytes == 4 ? 126 : 127;
  header[1] = static_cast<char>((bits.masked ? 0x80 : 0) | static_cast<int>(length7));
  for (size_t i = header_bytes; i > 2; --i) {  // network byte order
    header[i - 1] = static_cast<char>(payload_bytes & 0xff);
    payload_bytes >>= 8;
  }
  out.append(header.data(), header_bytes);
}

// `text` cut to `bytes_max` without cutting a character in two.
std::string_view cut(std::string_view text, size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

void append_frame(
    std::string& out, Opcode opcode, std::string_view payload, bool compressed, bool fin) {
  append_header(out, {.opcode = opcode, .fin = fin, .compressed = compressed}, payload.size());
  out.append(payload);
}

std::string make_frame(Opcode opcode, std::string_view payload, bool compressed) {
  std::string frame;
  frame.reserve(frame_header_bytes(payload.size()) + payload.size());
  append_frame(frame, opcode, payload, compressed);
  return frame;
}

std::string make_close_frame(uint16_t code, std::string_view reason) {
  if (code == static_cast<uint16_t>(CloseCode::kNoStatus)) return make_frame(Opcode::kClose, {});
  CARILLON_DCHECK(is_legal_on_wire(code));
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xff);
  payload += cut(reason, kControlPayloadBytesMax - payload.size());
  return make_frame(Opcode::kClose, payload);
}

void append_masked_frame(std::string& out,
                         Opcode opcode,
                         std::string_view payload,
                         uint32_t mask_key) {
  append_header(out, {.opcode = opcode, .masked = true}, payload.size());
  out.append(reinterpret_cast<const char*>(&mask_key), sizeof mask_key);
  const size_t begin = out.size();
  out.append(payload);
  apply_mask({reinterpret_cast<std::byte*>(out.data() + begin), payload.size()}, mask_key, 0);
}

}  // namespace carillon::ws
