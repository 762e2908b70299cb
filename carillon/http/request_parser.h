// Bytes to request heads (RFC 9112). Pure: no socket, no clock, no allocation once warm.
//
// Where RFC 9112 lets a server choose between lenient and strict, it is strict: a request that two
// parsers could cut differently is refused, so nothing can be smuggled past or through a proxy.
#pragma once

#include <cstddef>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/http/http_error.h"
#include "carillon/http/limits.h"
#include "carillon/http/request.h"

namespace carillon::http {

// Parses the head at the front of `bytes` into `out`; false: more bytes are needed to tell.
//
// `scanned` is 0 for each new head and otherwise what the last call left: with it the search for
// the end goes on where it stopped, and arrival byte by byte costs linear time. `bytes` must then
// begin with the same bytes as before. The answer does not depend on how the bytes arrived.
//
// One empty line before the request line is skipped (§2.2). Bytes after the head are not looked
// at. A Content-Length over `limits.body_bytes_max` is refused here.
Result<bool, HttpError> parse_head(std::string_view bytes,
                                   const Limits& limits,
                                   Request& out,
                                   size_t& scanned);

}  // namespace carillon::http
