// Bytes in any pieces to whole replies. Pure: no socket, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/resp/reply.h"

namespace carillon::resp {

// Each bound is itself allowed.
struct ReplyLimits {
  size_t line_bytes_max = 64 * 1024;           // a status, an error or a number, without its end
  size_t bulk_bytes_max = 64 * 1024 * 1024;    // one bulk string
  size_t reply_bytes_max = 256 * 1024 * 1024;  // all lines and bulk strings of one reply together
  size_t element_count_max = 1024 * 1024;      // of all arrays of one reply together
  size_t depth_max = 8;                        // arrays within arrays; a flat one has depth 1
};

// What a peer that is no Redis, or a hostile one, sends.
enum class ReplyError : uint8_t {
  kUnknownType,
  kBadNumber,
  kBadLineEnd,
  kLineTooLong,
  kBulkTooLong,
  kReplyTooLong,
  kTooManyElements,
  kTooDeep,
};

// One line for people: "a bulk string is longer than allowed".
std::string_view text_of(ReplyError error);

// One per connection. Keeps an incomplete reply between calls, whose memory grows with what came
// and not with the lengths that were announced. After an error it is not fed again: nobody can
// tell where the next reply begins.
class ReplyParser {
 public:
  explicit ReplyParser(const ReplyLimits& limits = {}) : limits_(limits) {}

  // Takes all of `bytes` and appends each reply that is now whole to `out`.
  Result<void, ReplyError> feed(std::string_view bytes, std::vector<Reply>& out);

  // Nothing of a next reply has been seen.
  bool is_between_replies() const noexcept { return state_ == State::kType && open_.empty(); }

 private:
  enum class State : uint8_t { kType, kLine, kLineFeed, kBulk, kBulkReturn, kBulkLineFeed };
  struct OpenArray {
    Reply reply;
    size_t missing_count;
  };
  using Step = Result<void, ReplyError>;

  // Each takes from the front of `bytes` what belongs to its state.
  Step take_type(std::string_view& bytes);
  Step take_line(std::string_view& bytes);
  Step take_line_feed(std::string_view& bytes, std::vector<Reply>& out);
  Step take_bulk(std::string_view& bytes);
  Step take_bulk_end(std::string_view& bytes, std::vector<Reply>& out);

  Step end_line(std::vector<Reply>& out);
  Step begin_bulk(int64_t length, std::vector<Reply>& out);
  Step begin_array(int64_t count, std::vector<Reply>& out);
  Step count_bytes(size_t byte_count);
  void complete(Reply reply, std::vector<Reply>& out);

  const ReplyLimits limits_;
  State state_ = State::kType;
  char type_ = 0;
  std::string text_;             // of the line or the bulk string under way
  size_t bulk_missing_ = 0;      // bytes
  size_t reply_bytes_ = 0;       // of the reply under way
  size_t element_count_ = 0;     // of the reply under way
  std::vector<OpenArray> open_;  // outermost first
};

}  // namespace carillon::resp
