// The client's half of HTTP/1.1, for our own tools: requests to bytes, bytes to response heads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/http/header.h"
#include "carillon/http/http_error.h"
#include "carillon/http/limits.h"
#include "carillon/http/method.h"

namespace carillon::http {

// How the end of a response's body is told (RFC 9112 §6.3).
enum class BodyKind : uint8_t { kNone, kLength, kChunked, kUntilClose };

// Filled by parse_response_head(); its views die with the bytes.
struct ResponseHead {
  int status = 0;
  int minor_version = 1;
  std::string_view reason;
  std::vector<Header> headers;
  std::optional<uint64_t> content_length;
  bool is_chunked = false;
  bool keep_alive = true;  // what version and Connection say together
  size_t head_bytes = 0;   // where the body begins

  // Forgets all but the capacity of `headers`.
  void clear() noexcept;

  // See header.h.
  std::string_view header(std::string_view name) const noexcept;
  size_t header_count(std::string_view name) const noexcept;
  bool header_has_token(std::string_view name, std::string_view token) const noexcept;

  // What follows, as answer to a request of `method`.
  BodyKind body_kind(Method method) const noexcept;
};

// Parses the head at the front of `bytes`; false: more bytes are needed. `scanned` and the limits
// work as in parse_head(), with the status line in the place of the request line; the length of
// the body is not limited here, for a HEAD's may be anything.
Result<bool, HttpError> parse_response_head(std::string_view bytes,
                                            const Limits& limits,
                                            ResponseHead& out,
                                            size_t& scanned);

struct ClientRequest {
  Method method = Method::kGet;  // not kOther
  std::string target = "/";      // percent-encoded, with its query
  std::string host;              // with the port when it is not the scheme's
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Appends the whole request, with Host, and with Content-Length when there is a body or the method
// is POST, PUT or PATCH. `headers` must not hold these. Spaces and control characters in a target
// are percent-encoded; control characters in a header become spaces.
void append_request(std::string& out, const ClientRequest& request);

}  // namespace carillon::http
