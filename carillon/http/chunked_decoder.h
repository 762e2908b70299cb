// The chunked transfer coding (RFC 9112 §7.1), piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/http/http_error.h"

namespace carillon::http {

// Decodes one body. Extensions and trailers are checked, bounded (4,096 and 8,192 bytes a body)
// and dropped. After an error it may not be fed again.
class ChunkedDecoder {
 public:
  // Takes from the front of `bytes` what belongs to the body, appends its data to `body`, and
  // returns how many bytes it took: all of them unless the body ended before. A body of more
  // than `body_bytes_max` is refused as soon as a chunk announces it.
  Result<size_t, HttpError> feed(std::string_view bytes, std::string& body, size_t body_bytes_max);
  // The last chunk and the trailers are behind us.
  bool is_done() const noexcept { return state_ == State::kDone; }

 private:
  enum class State : uint8_t {
    kSize,      // the first digit is due
    kSizeMore,  // further digits, an extension or the line's end
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,  // a trailer's name or the empty line is due
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kEndLf,
    kDone,
  };

  // One byte of framing; false when it may not stand where it does.
  bool take(char byte);
  bool take_digit(char byte);
  bool enter(State next);  // true, so that a check and its consequence are one expression

  uint64_t chunk_bytes_ = 0;  // announced, then what is left of it
  uint64_t body_bytes_ = 0;
  uint16_t extension_bytes_ = 0;
  uint16_t trailer_bytes_ = 0;
  uint8_t digit_count_ = 0;
  State state_ = State::kSize;
};

}  // namespace carillon::http
