// The head of one request (RFC 9112 §3, §5), as views of the bytes that were parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "carillon/http/header.h"
#include "carillon/http/method.h"

namespace carillon::http {

// Filled by parse_head(). Keep one per loop and parse into it again and again: it allocates only
// until `headers` is large enough. Its views die with the bytes.
struct Request {
  Method method = Method::kOther;
  std::string_view method_text;
  std::string_view target;  // as sent
  std::string_view path;    // still percent-encoded; "*" for OPTIONS *
  std::string_view query;   // without '?'
  int minor_version = 1;    // of HTTP/1
  std::vector<Header> headers;
  std::optional<uint64_t> content_length;
  bool is_chunked = false;
  bool keep_alive = true;         // what version and Connection say together
  bool expects_continue = false;  // never in HTTP/1.0
  size_t head_bytes = 0;          // where the body begins

  // Forgets all but the capacity of `headers`.
  void clear() noexcept;

  // See header.h.
  std::string_view header(std::string_view name) const noexcept;
  size_t header_count(std::string_view name) const noexcept;
  bool header_has_token(std::string_view name, std::string_view token) const noexcept;
};

}  // namespace carillon::http
