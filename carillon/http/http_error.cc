#include "carillon/http/http_error.h"

namespace carillon::http {

int status_for(HttpError error) noexcept {
  switch (error) {
    case HttpError::kBadRequestLine:
    case HttpError::kBadTarget:
    case HttpError::kBadLineEnd:
    case HttpError::kBadHeader:
    case HttpError::kBadHost:
    case HttpError::kRepeatedHeader:
    case HttpError::kBadContentLength:
    case HttpError::kBadTransferEncoding:
    case HttpError::kBadChunk:
      return 400;
    case HttpError::kBodyTooLarge:
      return 413;
    case HttpError::kBadExpectation:
      return 417;
    case HttpError::kRequestLineTooLong:
    case HttpError::kHeadTooLarge:
    case HttpError::kTooManyHeaders:
      return 431;
    case HttpError::kUnsupportedVersion:
      return 505;
  }
  return 400;
}

std::string_view explain(HttpError error) noexcept {
  switch (error) {
    case HttpError::kBadRequestLine:
      return "The first line is malformed.";
    case HttpError::kBadTarget:
      return "The request target is neither a path nor a URL of this host.";
    case HttpError::kUnsupportedVersion:
      return "Only HTTP/1.1 and HTTP/1.0 are spoken here.";
    case HttpError::kBadLineEnd:
      return "Lines must end with CR LF.";
    case HttpError::kBadHeader:
      return "A header is malformed.";
    case HttpError::kBadHost:
      return "The Host header is missing or malformed.";
    case HttpError::kRepeatedHeader:
      return "A header is repeated that may be sent only once.";
    case HttpError::kBadContentLength:
      return "Content-Length is malformed or sent beside Transfer-Encoding.";
    case HttpError::kBadTransferEncoding:
      return "The only transfer coding accepted is chunked, in HTTP/1.1.";
    case HttpError::kBadExpectation:
      return "The only expectation met is 100-continue.";
    case HttpError::kBadChunk:
      return "The chunked body is malformed.";
    case HttpError::kRequestLineTooLong:
      return "The request line is too long.";
    case HttpError::kHeadTooLarge:
      return "The headers are too large.";
    case HttpError::kTooManyHeaders:
      return "There are too many headers.";
    case HttpError::kBodyTooLarge:
      return "The body is too large.";
  }
  return "";
}

}  // namespace carillon::http
