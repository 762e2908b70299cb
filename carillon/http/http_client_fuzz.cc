// Response heads in any pieces; and whatever a handler puts into a response, the client reads one
// head that ends where the server ended it.
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/http/client.h"
#include "carillon/http/request_parser.h"
#include "carillon/http/response.h"
#include "carillon/json/reader.h"

namespace {

using namespace carillon::http;
using Outcome = carillon::Result<bool, HttpError>;

constexpr Limits kLimits{.request_line_bytes_max = 64,
                         .head_bytes_max = 256,
                         .body_bytes_max = 1000,
                         .header_count_max = 6};

Outcome parse_in_steps(std::string_view bytes, size_t step, ResponseHead& out) {
  size_t scanned = 0;
  for (size_t size = step; size < bytes.size(); size += step) {
    auto outcome = parse_response_head(bytes.substr(0, size), kLimits, out, scanned);
    if (!outcome || *outcome) return outcome;
  }
  return parse_response_head(bytes, kLimits, out, scanned);
}

void check_arrival(std::string_view bytes, size_t step) {
  ResponseHead whole;
  size_t scanned = 0;
  const Outcome outcome = parse_response_head(bytes, kLimits, whole, scanned);
  for (const size_t each : {size_t{1}, step}) {
    ResponseHead pieces;
    const Outcome other = parse_in_steps(bytes, each, pieces);
    CARILLON_ASSERT(outcome.has_value() == other.has_value());
    if (!outcome) {
      CARILLON_ASSERT(outcome.error() == other.error());
      continue;
    }
    CARILLON_ASSERT(*outcome == *other);
    CARILLON_ASSERT(whole.status == pieces.status && whole.reason == pieces.reason);
    CARILLON_ASSERT(whole.head_bytes == pieces.head_bytes);
    CARILLON_ASSERT(whole.headers.size() == pieces.headers.size());
  }
  if (!outcome || !*outcome) return;
  CARILLON_ASSERT(whole.status >= 100 && whole.status <= 999);
  CARILLON_ASSERT(!whole.is_chunked || !whole.content_length);
  CARILLON_ASSERT(whole.body_kind(Method::kHead) == BodyKind::kNone);
  CARILLON_ASSERT(whole.body_kind(Method::kGet) != BodyKind::kChunked || whole.is_chunked);
  CARILLON_ASSERT(whole.keep_alive || !whole.header("connection").empty() ||
                  whole.minor_version == 0);
}

// `text` is hostile, and gets everywhere that a handler might put it.
void check_printing(std::string_view text, bool keep_alive) {
  const std::string hostile(text);
  std::string bytes;
  append_response(bytes, {200, {{"X", hostile}, {"Y", hostile}}, hostile}, keep_alive);
  ResponseHead head;
  size_t scanned = 0;
  const Outcome outcome = parse_response_head(bytes, {}, head, scanned);
  CARILLON_ASSERT(outcome && *outcome);
  CARILLON_ASSERT(head.headers.size() == (keep_alive ? 4 : 5) && head.keep_alive == keep_alive);
  CARILLON_ASSERT(head.content_length == text.size());
  CARILLON_ASSERT(bytes.substr(head.head_bytes) == text);

  bytes.clear();
  append_request(bytes, {Method::kPut, "/" + hostile, "a", {{"X", hostile}}, hostile});
  Request request;
  scanned = 0;
  const Outcome read = parse_head(bytes, {}, request, scanned);
  if (text.find('#') != std::string_view::npos) return;
  CARILLON_ASSERT(read && *read && request.headers.size() == 3);
  CARILLON_ASSERT(bytes.substr(request.head_bytes) == text);
}

void check_problem(std::string_view text) {
  const Response response = problem(400, text, text.substr(0, 8));
  const auto body = carillon::json::parse(response.body);
  if (!body) {
    CARILLON_ASSERT(body.error() == carillon::json::ParseError::kInvalidUtf8);
    return;
  }
  CARILLON_ASSERT(*body->find("detail")->as_string() == text);
  CARILLON_ASSERT(text.empty() == (body->find("code") == nullptr));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_arrival(bytes, step);
  check_printing(bytes.substr(0, 1024), data[0] >= 128);
  check_problem(bytes);
  return 0;
}
