#include "carillon/http/client.h"

#include <utility>

#include "carillon/base/assert.h"
#include "carillon/http/field_writer.h"
#include "carillon/http/head_lines.h"

namespace carillon::http {
namespace {

using Status = Result<void, HttpError>;

// HTTP-version SP 3DIGIT [ SP reason ] (RFC 9112 §4): many servers leave the second space out.
Status parse_status_line(std::string_view line, ResponseHead& head) {
  CARILLON_TRY(head.minor_version, parse_version(line.substr(0, 8), HttpError::kBadRequestLine));
  line.remove_prefix(8);
  if (line.size() < 4 || line[0] != ' ' || (line.size() > 4 && line[4] != ' ')) {
    return Err(HttpError::kBadRequestLine);
  }
  for (const char c : line.substr(1, 3)) {
    if (c < '0' || c > '9') return Err(HttpError::kBadRequestLine);
    head.status = head.status * 10 + (c - '0');
  }
  if (head.status < 100) return Err(HttpError::kBadRequestLine);
  if (line.size() > 4) head.reason = line.substr(5);
  for (const char c : head.reason) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return Err(HttpError::kBadRequestLine);
  }
  return {};
}

// How the body is cut (§6.3), refusing what two parsers could answer differently.
Status interpret(ResponseHead& head) {
  const size_t length_count = head.header_count("content-length");
  const size_t coding_count = head.header_count("transfer-encoding");
  if (length_count > 1 || coding_count > 1) return Err(HttpError::kRepeatedHeader);
  if (coding_count == 1) {
    if (length_count == 1) return Err(HttpError::kBadContentLength);
    if (head.minor_version == 0 ||
        !equals_ignoring_case(head.header("transfer-encoding"), "chunked")) {
      return Err(HttpError::kBadTransferEncoding);
    }
    head.is_chunked = true;
  }
  if (length_count == 1) {
    head.content_length = parse_content_length(head.header("content-length"));
    if (!head.content_length) return Err(HttpError::kBadContentLength);
  }
  head.keep_alive = !head.header_has_token("connection", "close") &&
                    (head.minor_version == 1 || head.header_has_token("connection", "keep-alive"));
  return {};
}

}  // namespace

void ResponseHead::clear() noexcept {
  std::vector<Header> kept = std::move(headers);
  kept.clear();
  *this = ResponseHead();
  headers = std::move(kept);
}

std::string_view ResponseHead::header(std::string_view name) const noexcept {
  return find_header(headers, name);
}

size_t ResponseHead::header_count(std::string_view name) const noexcept {
  return count_headers(headers, name);
}

bool ResponseHead::header_has_token(std::string_view name, std::string_view token) const noexcept {
  return headers_have_token(headers, name, token);
}

BodyKind ResponseHead::body_kind(Method method) const noexcept {
  if (method == Method::kHead || status < 200 || status == 204 || status == 304) {
    return BodyKind::kNone;
  }
  if (is_chunked) return BodyKind::kChunked;
  return content_length ? BodyKind::kLength : BodyKind::kUntilClose;
}

Result<bool, HttpError> parse_response_head(std::string_view bytes,
                                            const Limits& limits,
                                            ResponseHead& out,
                                            size_t& scanned) {
  if (bytes.empty()) return false;
  if (bytes[0] != 'H') return Err(HttpError::kBadRequestLine);
  CARILLON_TRY(const size_t end, find_head_end(bytes, 0, limits, scanned));
  if (end == 0) return false;

  out.clear();
  out.head_bytes = end;
  std::string_view head = bytes.substr(0, end);
  if (auto status = parse_status_line(take_line(head), out); !status) return Err(status.error());
  if (auto status = parse_fields(head, limits.header_count_max, out.headers); !status) {
    return Err(status.error());
  }
  if (auto status = interpret(out); !status) return Err(status.error());
  return true;
}

void append_request(std::string& out, const ClientRequest& request) {
  CARILLON_ASSERT(request.method != Method::kOther);
  constexpr char kDigits[] = "0123456789ABCDEF";
  const bool has_body = !request.body.empty() || request.method == Method::kPost ||
                        request.method == Method::kPut || request.method == Method::kPatch;
  out += name_of(request.method);
  out += ' ';
  for (const char c : request.target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  out += " HTTP/1.1\r\n";
  append_field(out, "Host", request.host);
  for (const auto& [name, value] : request.headers) append_field(out, name, value);
  if (has_body) append_field(out, "Content-Length", std::to_string(request.body.size()));
  out += "\r\n";
  out += request.body;
}

}  // namespace carillon::http
