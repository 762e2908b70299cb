// What the server answers, and its bytes (RFC 9112 §4).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/json/value.h"

namespace carillon::http {

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

Response json_response(int status, const json::Value& value);
// {"detail":…,"code":…}, Django REST framework's shape; without "code" when it is empty.
Response problem(int status, std::string_view detail, std::string_view code);

// Appends the whole response. Adds Content-Length and X-Content-Type-Options: nosniff (but not to
// 1xx, 204 and 304, which have no body), and Connection: close unless `keep_alive` or the status
// is 101. `head_only`, for HEAD, leaves the body out but keeps its length. `headers` must not hold
// any of these. Control characters in a header become spaces: no value can add a line.
void append_response(std::string& out,
                     const Response& response,
                     bool keep_alive,
                     bool head_only = false);

// RFC 9110 §15's phrase, "" for a status we do not know.
std::string_view reason_phrase(int status) noexcept;

}  // namespace carillon::http
