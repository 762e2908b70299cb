// Why a message was refused while it was parsed.
#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::http {

enum class HttpError : uint8_t {
  kBadRequestLine,       // not METHOD SP target SP HTTP/x.y, or not a status line
  kBadTarget,            // neither a path nor an absolute URL of this host
  kUnsupportedVersion,   // neither HTTP/1.1 nor HTTP/1.0
  kBadLineEnd,           // LF without CR
  kBadHeader,            // not a token, colon, value; control characters; a folded line
  kBadHost,              // absent from HTTP/1.1, or not a host and port
  kRepeatedHeader,       // one that may stand only once
  kBadContentLength,     // not digits, or beside Transfer-Encoding
  kBadTransferEncoding,  // other than exactly `chunked`, or in HTTP/1.0
  kBadExpectation,       // other than 100-continue
  kBadChunk,             // chunked body: framing, extensions or trailers
  kRequestLineTooLong,
  kHeadTooLarge,
  kTooManyHeaders,
  kBodyTooLarge,
};

// The status that answers it: 400, 413, 417, 431 or 505. The connection must then be closed, for
// nobody knows where the next message begins.
int status_for(HttpError error) noexcept;

// One sentence without a word of the request in it, fit for the body of the answer.
std::string_view explain(HttpError error) noexcept;

}  // namespace carillon::http
