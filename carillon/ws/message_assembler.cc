#include "carillon/ws/message_assembler.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "carillon/ws/bounded_append.h"
#include "carillon/ws/deflate.h"
#include "carillon/ws/mask.h"

namespace carillon::ws {
namespace {

FrameError frame_error_for(InflateError error) noexcept {
  return error == InflateError::kTooLarge ? FrameError::kTooLarge : FrameError::kBadDeflate;
}

constexpr size_t kShortHeaderBytes = 6;  // two and the mask key

// The payload of a client's unfragmented text frame of at most 125 bytes that is whole at the front
// of `bytes`; null data for anything else.
MutableByteView short_text_payload(MutableByteView bytes) noexcept {
  if (bytes.size() < kShortHeaderBytes || bytes[0] != std::byte{0x81}) return {};
  const size_t payload_bytes = std::to_integer<size_t>(bytes[1]) - 0x80;  // huge when not masked
  if (payload_bytes > kControlPayloadBytesMax || payload_bytes > bytes.size() - kShortHeaderBytes) {
    return {};
  }
  return bytes.subspan(kShortHeaderBytes, payload_bytes);
}

}  // namespace

Result<void, FrameError> MessageAssembler::feed(MutableByteView bytes, MessageSink& sink) {
  while (!bytes.empty()) {
    if (is_idle() && options_.expect_masked) {
      // Nearly all that clients send is this; the steps below would come to the same.
      const MutableByteView payload = short_text_payload(bytes);
      if (payload.data() != nullptr && payload.size() <= options_.message_bytes_max) {
        CARILLON_TRY(const bool wants_more, take_short_text(payload, sink));
        if (!wants_more) return {};
        bytes = bytes.subspan(kShortHeaderBytes + payload.size());
        continue;
      }
    }
    if (!in_frame_) {
      CARILLON_TRY(const bool has_header, take_header(bytes));
      if (!has_header) return {};
    }
    const uint64_t left_bytes = header_.payload_bytes - payload_taken_bytes_;
    const MutableByteView piece = bytes.first(std::min<uint64_t>(bytes.size(), left_bytes));
    bytes = bytes.subspan(piece.size());
    if (options_.expect_masked) apply_mask(piece, header_.mask_key, payload_taken_bytes_);
    payload_taken_bytes_ += piece.size();
    in_frame_ = piece.size() < left_bytes;

    const std::string_view payload = as_text(piece);
    CARILLON_TRY(const bool wants_more, is_control(header_.opcode) ? take_control(payload, sink)
                                                                   : take_data(payload, sink));
    if (!wants_more) return {};
  }
  return {};
}

Result<bool, FrameError> MessageAssembler::take_short_text(MutableByteView payload,
                                                           MessageSink& sink) {
  uint32_t mask_key;
  std::memcpy(&mask_key, payload.data() - sizeof mask_key, sizeof mask_key);
  apply_mask(payload, mask_key, 0);
  if (!is_valid_utf8(as_text(payload))) return Err(FrameError::kBadUtf8);
  sink.on_message(Opcode::kText, as_text(payload));
  return sink.wants_more();
}

// False when the header is not whole yet; all of `bytes` is put aside then.
Result<bool, FrameError> MessageAssembler::take_header(MutableByteView& bytes) {
  const size_t pending_bytes = header_pending_count_;
  ByteView source = bytes;
  if (pending_bytes > 0) {
    const size_t added_bytes = std::min(bytes.size(), header_pending_.size() - pending_bytes);
    std::memcpy(header_pending_.data() + pending_bytes, bytes.data(), added_bytes);
    source = ByteView(header_pending_).first(pending_bytes + added_bytes);
  }
  // The limit depends on what the header says: accept_header() applies it.
  const Sender sender = options_.expect_masked ? Sender::kClient : Sender::kServer;
  CARILLON_TRY(const std::optional<FrameHeader> header,
               parse_header(source, std::numeric_limits<uint64_t>::max(), sender));
  if (!header) {
    if (pending_bytes == 0) std::memcpy(header_pending_.data(), bytes.data(), bytes.size());
    header_pending_count_ = static_cast<uint8_t>(source.size());
    bytes = {};
    return false;
  }
  bytes = bytes.subspan(header->header_bytes - pending_bytes);
  header_pending_count_ = 0;
  header_ = *header;
  payload_taken_bytes_ = 0;
  return accept_header();
}

// Whether the frame may come here (§5.4), and whether it fits.
Result<bool, FrameError> MessageAssembler::accept_header() {
  if (is_control(header_.opcode)) return true;
  const bool is_under_way = message_opcode_ != Opcode::kContinuation;
  if (header_.opcode == Opcode::kContinuation) {
    if (!is_under_way) return Err(FrameError::kUnexpectedContinuation);
  } else {
    if (is_under_way) return Err(FrameError::kExpectedContinuation);
    if (header_.compressed && options_.inflater == nullptr) return Err(FrameError::kReservedBits);
    if (header_.opcode == Opcode::kBinary && !options_.allow_binary) {
      return Err(FrameError::kNotText);
    }
    message_opcode_ = header_.opcode;
    message_compressed_ = header_.compressed;
    utf8_.reset();
  }
  if (header_.payload_bytes > buffer_bytes_max() - message_.size()) {
    return Err(FrameError::kTooLarge);
  }
  return true;
}

Result<bool, FrameError> MessageAssembler::take_control(std::string_view piece, MessageSink& sink) {
  std::string whole;
  if (in_frame_ || !control_.empty()) {
    control_.append(piece);
    if (in_frame_) return true;
    whole = std::exchange(control_, {});
    piece = whole;
  }
  if (header_.opcode == Opcode::kClose) {
    if (const auto close = parse_close_payload(piece); !close) return Err(close.error());
  }
  sink.on_control(header_.opcode, piece);
  return sink.wants_more();
}

Result<bool, FrameError> MessageAssembler::take_data(std::string_view piece, MessageSink& sink) {
  const bool is_last = header_.fin && !in_frame_;
  if (is_last && message_.empty()) {
    if (is_plain_text() && !is_valid_utf8(piece)) return Err(FrameError::kBadUtf8);
    return finish_message(piece, sink);
  }
  // §8.1 lets us fail at the first bad byte instead of at the end of the message.
  if (is_plain_text() && !utf8_.feed(as_bytes(piece))) return Err(FrameError::kBadUtf8);
  buffer(piece);
  if (!is_last) return true;
  if (is_plain_text() && !utf8_.is_complete()) return Err(FrameError::kBadUtf8);
  const std::string message = std::exchange(message_, {});
  return finish_message(message, sink);
}

// `payload` is all of the message, and checked if it is plain text.
Result<bool, FrameError> MessageAssembler::finish_message(std::string_view payload,
                                                          MessageSink& sink) {
  const Opcode opcode = std::exchange(message_opcode_, Opcode::kContinuation);
  if (!message_compressed_) {
    sink.on_message(opcode, payload);
    return sink.wants_more();
  }
  std::string inflated;
  const auto done = options_.inflater->inflate(payload, options_.message_bytes_max, inflated);
  if (!done) return Err(frame_error_for(done.error()));
  if (opcode == Opcode::kText && !is_valid_utf8(inflated)) return Err(FrameError::kBadUtf8);
  sink.on_message(opcode, inflated);
  return sink.wants_more();
}

void MessageAssembler::buffer(std::string_view piece) {
  // The last frame tells how long the message will be; before it, only the limit is known.
  const uint64_t frame_left_bytes = header_.payload_bytes - payload_taken_bytes_;
  const uint64_t bytes_max =
      header_.fin ? message_.size() + piece.size() + frame_left_bytes : buffer_bytes_max();
  append_bounded(message_, piece, bytes_max);
}

uint64_t MessageAssembler::buffer_bytes_max() const noexcept {
  if (!message_compressed_) return options_.message_bytes_max;
  // Deflate makes an incompressible message longer, by 9/8 with the worst of its encodings; zlib
  // takes 32-bit lengths.
  constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
  const uint64_t inflated_max = std::min(options_.message_bytes_max, kMax);
  return std::min(inflated_max + inflated_max / 8 + inflated_max / 64 + 64, kMax);
}

}  // namespace carillon::ws
