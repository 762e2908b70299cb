// However a head arrives, the answer is the same, and what is accepted keeps the promises that
// the rest of the server builds on.
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/http/head_lines.h"
#include "carillon/http/request_parser.h"

namespace {

using namespace carillon::http;
using Outcome = carillon::Result<bool, HttpError>;

Outcome parse_in_steps(std::string_view bytes, const Limits& limits, size_t step, Request& out) {
  size_t scanned = 0;
  for (size_t size = step; size < bytes.size(); size += step) {
    auto outcome = parse_head(bytes.substr(0, size), limits, out, scanned);
    if (!outcome || *outcome) return outcome;
    CARILLON_ASSERT(scanned <= size);
  }
  return parse_head(bytes, limits, out, scanned);
}

void check_same(const Outcome& a, const Outcome& b) {
  CARILLON_ASSERT(a.has_value() == b.has_value());
  CARILLON_ASSERT(a ? *a == *b : a.error() == b.error());
}

void check_same(const Request& a, const Request& b) {
  CARILLON_ASSERT(a.method == b.method && a.method_text == b.method_text);
  CARILLON_ASSERT(a.target == b.target && a.path == b.path && a.query == b.query);
  CARILLON_ASSERT(a.minor_version == b.minor_version && a.headers.size() == b.headers.size());
  CARILLON_ASSERT(a.content_length == b.content_length && a.is_chunked == b.is_chunked);
  CARILLON_ASSERT(a.keep_alive == b.keep_alive && a.expects_continue == b.expects_continue);
  CARILLON_ASSERT(a.head_bytes == b.head_bytes);
}

void check_promises(const Request& request, const Limits& limits) {
  CARILLON_ASSERT(request.path.starts_with('/') || request.path == "*");
  CARILLON_ASSERT(request.method == Method::kOther ||
                  name_of(request.method) == request.method_text);
  CARILLON_ASSERT(request.head_bytes <= limits.head_bytes_max);
  CARILLON_ASSERT(request.headers.size() <= limits.header_count_max);
  CARILLON_ASSERT(!request.is_chunked || !request.content_length);
  CARILLON_ASSERT(!request.content_length || *request.content_length <= limits.body_bytes_max);
  CARILLON_ASSERT(request.minor_version == 0 || request.header_count("host") == 1);
  CARILLON_ASSERT(request.header_count("Content-Length") == (request.content_length ? 1 : 0));
  CARILLON_ASSERT(request.header_count("Transfer-Encoding") == (request.is_chunked ? 1 : 0));
  CARILLON_ASSERT(!request.keep_alive || !request.header_has_token("connection", "close"));
  for (const Header& header : request.headers) {
    for (const char c : header.name) CARILLON_ASSERT(is_token_char(c));
    for (const char c : header.value) {
      const auto byte = static_cast<uint8_t>(c);
      CARILLON_ASSERT((byte >= 0x20 && byte != 0x7f) || c == '\t');
    }
    CARILLON_ASSERT(request.header(header.name).data() <= header.value.data());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Limits limits{.request_line_bytes_max = 64,
                      .head_bytes_max = 256,
                      .body_bytes_max = 1000,
                      .header_count_max = 6};
  Request whole;
  size_t scanned = 0;
  const Outcome outcome = parse_head(bytes, limits, whole, scanned);
  for (const size_t each : {size_t{1}, step}) {
    Request pieces;
    check_same(outcome, parse_in_steps(bytes, limits, each, pieces));
    if (outcome && *outcome) check_same(whole, pieces);
  }
  if (!outcome) {
    CARILLON_ASSERT(status_for(outcome.error()) >= 400 && !explain(outcome.error()).empty());
  } else if (*outcome) {
    check_promises(whole, limits);
    // Neither what follows nor its absence changes the head.
    Request alone;
    scanned = 0;
    check_same(outcome, parse_head(bytes.substr(0, whole.head_bytes), limits, alone, scanned));
    check_same(whole, alone);
  }
  return 0;
}
