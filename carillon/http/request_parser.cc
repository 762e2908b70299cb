#include "carillon/http/request_parser.h"

#include <algorithm>
#include <array>

#include "carillon/http/head_lines.h"

namespace carillon::http {
namespace {

using Status = Result<void, HttpError>;

// What a Host may be made of (RFC 9110 §7.2), commas left out: a joined pair of hosts is none.
bool is_host_char(char c) noexcept {
  constexpr std::string_view kOthers = "-._~:[]%!$&'()*+;=";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

// Printable ASCII. A '#' never leaves a client (§3.2): parsers differ on where such a path ends.
bool is_target_char(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != '#';
}

// The bytes to skip before the request line: 0, or 2 for an empty line. Nothing when more bytes
// are needed to tell. Tells from the first byte that a peer speaks another protocol, TLS say.
Result<std::optional<size_t>, HttpError> find_start(std::string_view bytes) {
  size_t start = 0;
  if (bytes.starts_with('\r')) {
    if (bytes.size() == 1) return std::optional<size_t>();
    if (bytes[1] != '\n') return Err(HttpError::kBadRequestLine);
    start = 2;
  }
  if (bytes.size() == start) return std::optional<size_t>();
  if (!is_token_char(bytes[start])) return Err(HttpError::kBadRequestLine);
  return std::optional(start);
}

// Strips scheme and authority off an absolute-form target (§3.2.2).
Status split_absolute_target(std::string_view target,
                             std::string_view& authority,
                             std::string_view& rest) {
  constexpr std::array<std::string_view, 4> kSchemes = {"http", "https", "ws", "wss"};
  const size_t colon = target.find("://");
  const bool is_known = colon != std::string_view::npos &&
                        std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) {
                          return equals_ignoring_case(scheme, target.substr(0, colon));
                        });
  if (!is_known) return Err(HttpError::kBadTarget);
  target.remove_prefix(colon + 3);
  const size_t end = std::min(target.find_first_of("/?"), target.size());
  authority = target.substr(0, end);
  rest = target.substr(end);
  if (authority.empty() || !std::all_of(authority.begin(), authority.end(), is_host_char)) {
    return Err(HttpError::kBadTarget);
  }
  return {};
}

// Fills path and query; `authority` stays empty unless the target names one.
Status parse_target(Request& request, std::string_view& authority) {
  std::string_view rest = request.target;
  if (!std::all_of(rest.begin(), rest.end(), is_target_char)) return Err(HttpError::kBadTarget);
  if (rest == "*") {
    if (request.method != Method::kOptions) return Err(HttpError::kBadTarget);
    request.path = rest;
    return {};
  }
  if (!rest.starts_with('/')) {
    if (auto status = split_absolute_target(request.target, authority, rest); !status) {
      return status;
    }
  }
  const size_t mark = rest.find('?');
  request.path = rest.substr(0, mark);
  if (request.path.empty()) request.path = "/";
  if (mark != std::string_view::npos) request.query = rest.substr(mark + 1);
  return {};
}

Status parse_request_line(std::string_view line, Request& request, std::string_view& authority) {
  const size_t method_end = line.find(' ');
  const size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) {
    return Err(HttpError::kBadRequestLine);
  }
  request.method_text = line.substr(0, method_end);
  if (!std::all_of(request.method_text.begin(), request.method_text.end(), is_token_char)) {
    return Err(HttpError::kBadRequestLine);
  }
  request.method = method_of(request.method_text);
  CARILLON_TRY(request.minor_version,
               parse_version(line.substr(target_end + 1), HttpError::kBadRequestLine));
  request.target = line.substr(method_end + 1, target_end - method_end - 1);
  if (request.target.empty()) return Err(HttpError::kBadRequestLine);
  return parse_target(request, authority);
}

// The headers that say how the message is cut and where it goes: each at most once.
struct Framing {
  const Header* host = nullptr;
  const Header* content_length = nullptr;
  const Header* transfer_encoding = nullptr;
  const Header* content_type = nullptr;
  const Header* authorization = nullptr;
  const Header* origin = nullptr;
  const Header* expect = nullptr;
};

// Where `name` is kept; null for a header that the parser has no interest in. By length first:
// most headers of a browser are told apart by that alone.
const Header** slot_of(Framing& framing, std::string_view name) noexcept {
  const auto when = [&](std::string_view known, const Header*& slot) {
    return equals_ignoring_case(name, known) ? &slot : nullptr;
  };
  switch (name.size()) {
    case 4:
      return when("host", framing.host);
    case 6:
      if (const Header** origin = when("origin", framing.origin)) return origin;
      return when("expect", framing.expect);
    case 12:
      return when("content-type", framing.content_type);
    case 13:
      return when("authorization", framing.authorization);
    case 14:
      return when("content-length", framing.content_length);
    case 17:
      return when("transfer-encoding", framing.transfer_encoding);
    default:
      return nullptr;
  }
}

Status check_host(const Request& request, const Header* host, std::string_view authority) {
  if (host == nullptr) {
    if (request.minor_version == 1) return Err(HttpError::kBadHost);  // §3.2
    return {};
  }
  if (!std::all_of(host->value.begin(), host->value.end(), is_host_char)) {
    return Err(HttpError::kBadHost);
  }
  // §3.2.2 lets the target win; whoever routed by Host would not know.
  if (!authority.empty() && !equals_ignoring_case(authority, host->value)) {
    return Err(HttpError::kBadTarget);
  }
  return {};
}

// How long the body is (§6), and nothing that two parsers could answer differently.
Status check_body(Request& request, const Framing& framing, const Limits& limits) {
  if (framing.transfer_encoding != nullptr) {
    if (framing.content_length != nullptr) return Err(HttpError::kBadContentLength);
    if (request.minor_version == 0 ||
        !equals_ignoring_case(framing.transfer_encoding->value, "chunked")) {
      return Err(HttpError::kBadTransferEncoding);
    }
    request.is_chunked = true;
  }
  if (framing.content_length != nullptr) {
    request.content_length = parse_content_length(framing.content_length->value);
    if (!request.content_length) return Err(HttpError::kBadContentLength);
    if (*request.content_length > limits.body_bytes_max) return Err(HttpError::kBodyTooLarge);
  }
  return {};
}

Status interpret(Request& request, std::string_view authority, const Limits& limits) {
  Framing framing;
  bool is_close = false;
  bool is_keep_alive = false;
  for (const Header& header : request.headers) {
    if (header.name.size() == 10 && equals_ignoring_case(header.name, "connection")) {
      const HeaderSpan one(&header, 1);
      is_close = is_close || headers_have_token(one, "connection", "close");
      is_keep_alive = is_keep_alive || headers_have_token(one, "connection", "keep-alive");
      continue;
    }
    const Header** slot = slot_of(framing, header.name);
    if (slot == nullptr) continue;
    if (*slot != nullptr) return Err(HttpError::kRepeatedHeader);
    *slot = &header;
  }
  request.keep_alive = !is_close && (request.minor_version == 1 || is_keep_alive);
  if (auto status = check_host(request, framing.host, authority); !status) return status;
  if (auto status = check_body(request, framing, limits); !status) return status;
  if (framing.expect != nullptr && request.minor_version == 1) {
    if (!equals_ignoring_case(framing.expect->value, "100-continue")) {
      return Err(HttpError::kBadExpectation);
    }
    request.expects_continue = true;
  }
  return {};
}

}  // namespace

Result<bool, HttpError> parse_head(std::string_view bytes,
                                   const Limits& limits,
                                   Request& out,
                                   size_t& scanned) {
  CARILLON_TRY(const std::optional<size_t> start, find_start(bytes));
  if (!start) return false;
  CARILLON_TRY(const size_t end, find_head_end(bytes, *start, limits, scanned));
  if (end == 0) return false;

  out.clear();
  out.head_bytes = end;
  std::string_view head = bytes.substr(*start, end - *start);
  std::string_view authority;
  if (auto status = parse_request_line(take_line(head), out, authority); !status) {
    return Err(status.error());
  }
  if (auto status = parse_fields(head, limits.header_count_max, out.headers); !status) {
    return Err(status.error());
  }
  if (auto status = interpret(out, authority, limits); !status) return Err(status.error());
  return true;
}

}  // namespace carillon::http
