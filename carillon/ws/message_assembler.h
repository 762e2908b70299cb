// Bytes of one connection to messages (RFC 6455 §5.4, §6.2). Pure: no socket, no clock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/base/result.h"
#include "carillon/base/utf8.h"
#include "carillon/ws/frame_parser.h"
#include "carillon/ws/opcode.h"

namespace carillon::ws {

class Inflater;

// Who gets the messages. Payloads are valid during the call only.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  // A whole message: inflated, and valid UTF-8 when `opcode` is kText; else it is kBinary.
  virtual void on_message(Opcode opcode, std::string_view payload) = 0;
  // A ping, a pong, or a close whose body parse_close_payload() accepts; at most 125 bytes. Comes
  // when it arrived, which may be between the fragments of a message (§5.4).
  virtual void on_control(Opcode opcode, std::string_view payload) = 0;
  // Asked after each of the calls above. False: the rest of the bytes is dropped (§5.5.1: after a
  // close frame nothing is read).
  virtual bool wants_more() const = 0;
};

struct AssemblerOptions {
  uint64_t message_bytes_max = 0;  // of a message, inflated; one byte more is kTooLarge
  // Null: permessage-deflate was not agreed, RSV1 is an error. Borrowed, and shared by all
  // connections of a loop: it must outlive the assembler.
  Inflater* inflater = nullptr;
  bool expect_masked = true;  // true: the peer is a client
  bool allow_binary = true;   // false: a binary message is kNotText, at its first header
};

// Takes the bytes of one connection in whatever pieces they come.
//
// Making one costs nothing and allocates nothing: make it for a read, and keep it only while it
// is not idle; one that was moved from may only be assigned to. Memory grows with the bytes that
// have arrived of an unfinished message, not with the length that its header announces; it is
// bounded by message_bytes_max (for a compressed one by an eighth more, which deflate may add to
// what it cannot compress). Not thread-safe.
class MessageAssembler {
 public:
  explicit MessageAssembler(const AssemblerOptions& options) noexcept : options_(options) {}

  // Consumes all of `bytes`, unmasking them in place, and calls `sink` for what they complete. A
  // message that is one frame and lies whole in `bytes` is handed out as a view of it, uncopied.
  // Text is checked as it arrives, so an error comes with the first byte that shows it. After an
  // error the connection is to be closed: the assembler must not be fed again.
  Result<void, FrameError> feed(MutableByteView bytes, MessageSink& sink);

  // Between messages, with nothing buffered: a new assembler would do as well.
  bool is_idle() const noexcept {
    return !in_frame_ && header_pending_count_ == 0 && message_opcode_ == Opcode::kContinuation;
  }

  // What feed() has put aside so far, for accounting.
  size_t buffered_bytes() const noexcept { return message_.size() + control_.size(); }

 private:
  static Result<bool, FrameError> take_short_text(MutableByteView payload, MessageSink& sink);
  Result<bool, FrameError> take_header(MutableByteView& bytes);
  Result<bool, FrameError> accept_header();
  Result<bool, FrameError> take_control(std::string_view piece, MessageSink& sink);
  Result<bool, FrameError> take_data(std::string_view piece, MessageSink& sink);
  Result<bool, FrameError> finish_message(std::string_view payload, MessageSink& sink);
  void buffer(std::string_view piece);
  uint64_t buffer_bytes_max() const noexcept;
  bool is_plain_text() const noexcept {
    return message_opcode_ == Opcode::kText && !message_compressed_;
  }

  AssemblerOptions options_;
  FrameHeader header_;                // of the current frame, while in_frame_
  uint64_t payload_taken_bytes_ = 0;  // of the current frame
  std::string message_;               // what has arrived of an unfinished message, still deflated
  std::string control_;               // what has arrived of an unfinished control frame
  std::array<std::byte, kFrameHeaderBytesMax> header_pending_{};
  uint8_t header_pending_count_ = 0;
  bool in_frame_ = false;
  bool message_compressed_ = false;
  Opcode message_opcode_ = Opcode::kContinuation;  // kContinuation: no message is under way
  Utf8Validator utf8_;
};

}  // namespace carillon::ws
