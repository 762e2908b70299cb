#include "carillon/http/chunked_decoder.h"

#include <algorithm>

#include "carillon/http/head_lines.h"

namespace carillon::http {
namespace {

constexpr uint16_t kExtensionBytesMax = 4096;
constexpr uint16_t kTrailerBytesMax = 8192;
constexpr uint8_t kSizeDigitsMax = 16;

// The digit's value, or 16.
uint64_t hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<uint64_t>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<uint64_t>(lower - 'a') + 10 : 16;
}

bool is_line_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

}  // namespace

Result<size_t, HttpError> ChunkedDecoder::feed(std::string_view bytes,
                                               std::string& body,
                                               size_t body_bytes_max) {
  size_t taken = 0;
  while (taken < bytes.size() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const size_t length = std::min<uint64_t>(chunk_bytes_, bytes.size() - taken);
      body.append(bytes, taken, length);
      taken += length;
      body_bytes_ += length;
      chunk_bytes_ -= length;
      if (chunk_bytes_ == 0) state_ = State::kDataCr;
      continue;
    }
    if (!take(bytes[taken++])) return Err(HttpError::kBadChunk);
    if (state_ == State::kData &&
        (body_bytes_ > body_bytes_max || chunk_bytes_ > body_bytes_max - body_bytes_)) {
      return Err(HttpError::kBodyTooLarge);
    }
  }
  return taken;
}

bool ChunkedDecoder::take(char byte) {
  if (state_ >= State::kTrailer && ++trailer_bytes_ > kTrailerBytesMax) return false;
  switch (state_) {
    case State::kSize:
      chunk_bytes_ = 0;
      digit_count_ = 0;
      state_ = State::kSizeMore;
      return take_digit(byte);
    case State::kSizeMore:
      // No white space before an extension (§7.1.1 allows it): parsers differ about it.
      if (byte == ';') return enter(State::kExtension);
      return byte == '\r' ? enter(State::kSizeLf) : take_digit(byte);
    case State::kExtension:
      if (byte == '\r') return enter(State::kSizeLf);
      return is_line_char(byte) && ++extension_bytes_ <= kExtensionBytesMax;
    case State::kSizeLf:
      return byte == '\n' && enter(chunk_bytes_ == 0 ? State::kTrailer : State::kData);
    case State::kDataCr:
      return byte == '\r' && enter(State::kDataLf);
    case State::kDataLf:
      return byte == '\n' && enter(State::kSize);
    case State::kTrailer:
      if (byte == '\r') return enter(State::kEndLf);
      return is_token_char(byte) && enter(State::kTrailerName);
    case State::kTrailerName:
      return byte == ':' ? enter(State::kTrailerValue) : is_token_char(byte);
    case State::kTrailerValue:
      return byte == '\r' ? enter(State::kTrailerLf) : is_line_char(byte);
    case State::kTrailerLf:
      return byte == '\n' && enter(State::kTrailer);
    case State::kEndLf:
      return byte == '\n' && enter(State::kDone);
    case State::kData:
    case State::kDone:
      break;  // feed() deals with both
  }
  return false;
}

bool ChunkedDecoder::take_digit(char byte) {
  const uint64_t digit = hex_value(byte);
  chunk_bytes_ = chunk_bytes_ << 4 | (digit & 15);
  return digit < 16 && ++digit_count_ <= kSizeDigitsMax;
}

bool ChunkedDecoder::enter(State next) {
  state_ = next;
  return true;
}

}  // namespace carillon::http
