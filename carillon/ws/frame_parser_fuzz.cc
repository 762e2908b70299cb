// Headers: each prefix of the input agrees with the longer ones, and what is read can be written
// again to the same bytes. Close payloads: what is accepted can be sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "carillon/base/assert.h"
#include "carillon/ws/frame_parser.h"
#include "carillon/ws/frame_writer.h"

namespace {

using namespace carillon;
using namespace carillon::ws;

// The header's bytes as §5.2 draws them.
std::string written(const FrameHeader& header, Sender sender) {
  const int mask_bit = sender == Sender::kClient ? 0x80 : 0;
  std::string bytes;
  bytes += static_cast<char>((header.fin ? 0x80 : 0) | (header.compressed ? 0x40 : 0) |
                             static_cast<int>(header.opcode));
  const size_t length_bytes = frame_header_bytes(header.payload_bytes) - 2;
  const int length7 = length_bytes == 0   ? static_cast<int>(header.payload_bytes)
                      : length_bytes == 2 ? 126
                                          : 127;
  bytes += static_cast<char>(mask_bit | length7);
  for (size_t i = length_bytes; i > 0; --i) {
    bytes += static_cast<char>(header.payload_bytes >> (8 * (i - 1)));
  }
  if (mask_bit != 0) {
    bytes.append(reinterpret_cast<const char*>(&header.mask_key), sizeof header.mask_key);
  }
  return bytes;
}

void check_header(ByteView bytes, uint64_t payload_bytes_max, Sender sender) {
  const auto whole = parse_header(bytes, payload_bytes_max, sender);
  bool is_decided = false;
  for (size_t size = 0; size <= std::min(bytes.size(), 2 * kFrameHeaderBytesMax); ++size) {
    const auto prefix = parse_header(bytes.first(size), payload_bytes_max, sender);
    is_decided = is_decided || !prefix || *prefix;
    if (!is_decided) continue;
    CARILLON_ASSERT(prefix.has_value() == whole.has_value());
    if (!prefix) {
      CARILLON_ASSERT(prefix.error() == whole.error());
      continue;
    }
    CARILLON_ASSERT(*prefix && *whole && size >= (*whole)->header_bytes);
  }
  if (!whole) {
    CARILLON_ASSERT(close_code_for(whole.error()) != CloseCode::kNormal);
    CARILLON_ASSERT(!slug(whole.error()).empty());
    CARILLON_ASSERT(!slug(close_code_for(whole.error())).empty());
    return;
  }
  if (!*whole) return CARILLON_ASSERT(bytes.size() < kFrameHeaderBytesMax);
  const FrameHeader& header = **whole;
  CARILLON_ASSERT(written(header, sender) == as_text(bytes.first(header.header_bytes)));
  CARILLON_ASSERT(is_control(header.opcode) ? header.payload_bytes <= kControlPayloadBytesMax
                                            : header.payload_bytes <= payload_bytes_max);
}

void check_close(std::string_view payload) {
  const auto close = parse_close_payload(payload);
  if (!close) {
    CARILLON_ASSERT(close_code_for(close.error()) != CloseCode::kNormal);
    CARILLON_ASSERT(!slug(close.error()).empty());
    return;
  }
  if (payload.empty()) {
    CARILLON_ASSERT(close->code == static_cast<uint16_t>(CloseCode::kNoStatus));
    return CARILLON_ASSERT(slug(CloseCode::kNoStatus) == "no_status");
  }
  CARILLON_ASSERT(is_legal_on_wire(close->code));
  const std::string frame = make_close_frame(close->code, close->reason);
  CARILLON_ASSERT(frame.size() <= 127 && payload.starts_with(frame.substr(2)));
  CARILLON_ASSERT(parse_close_payload(std::string_view(frame).substr(2)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Sender sender = (data[0] & 1) != 0 ? Sender::kServer : Sender::kClient;
  const uint64_t payload_bytes_max = uint64_t{data[1]} << (data[0] >> 2);
  const ByteView bytes(reinterpret_cast<const std::byte*>(data + 2), size - 2);
  if ((data[0] & 2) != 0) {
    check_close(as_text(bytes));
  } else {
    check_header(bytes, payload_bytes_max, sender);
  }
  for (const CloseCodeEntry& entry : close_codes()) CARILLON_ASSERT(slug(entry.code) == entry.slug);
  return 0;
}
