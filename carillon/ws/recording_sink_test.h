// What tests and fuzz targets of the codec share: a sink that writes everything down, and frames
// made without the writer, so that wrong ones can be made too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/ws/frame_writer.h"
#include "carillon/ws/message_assembler.h"

namespace carillon::ws {

struct Received {
  Opcode opcode;
  std::string payload;
  bool operator==(const Received&) const = default;
};

class RecordingSink final : public MessageSink {
 public:
  void on_message(Opcode opcode, std::string_view payload) override { take(opcode, payload); }
  void on_control(Opcode opcode, std::string_view payload) override { take(opcode, payload); }
  bool wants_more() const override { return received.size() < wanted_count; }

  std::vector<Received> received;
  std::string_view last_view;  // dangling after the call but for its address
  size_t wanted_count = ~size_t{0};

 private:
  void take(Opcode opcode, std::string_view payload) {
    received.push_back({opcode, std::string(payload)});
    last_view = payload;
  }
};

struct RawFrame {
  uint8_t first = 0x81;  // FIN, RSV and opcode
  std::string_view payload;
  uint32_t mask_key = 0x3d21fa37;
};

// A client's frame with any first byte.
inline std::string make_raw_frame(const RawFrame& frame) {
  std::string bytes;
  append_masked_frame(bytes, Opcode::kBinary, frame.payload, frame.mask_key);
  bytes[0] = static_cast<char>(frame.first);
  return bytes;
}

inline MutableByteView mutable_bytes(std::string& text) {
  return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}

// Feeds `bytes` in pieces of `piece_bytes` (0: all at once), each in memory of its own.
inline Result<void, FrameError> feed_in_pieces(MessageAssembler& assembler,
                                               std::string_view bytes,
                                               size_t piece_bytes,
                                               MessageSink& sink) {
  if (piece_bytes == 0) piece_bytes = bytes.size() + 1;
  while (!bytes.empty()) {
    std::string piece(bytes.substr(0, piece_bytes));
    bytes.remove_prefix(piece.size());
    if (auto fed = assembler.feed(mutable_bytes(piece), sink); !fed) return fed;
    if (!sink.wants_more()) return {};
  }
  return {};
}

}  // namespace carillon::ws
