#include "carillon/http/response.h"

#include <array>

#include "carillon/http/field_writer.h"
#include "carillon/json/writer.h"

namespace carillon::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr std::array kPhrases = {
    Phrase{100, "Continue"},
    Phrase{101, "Switching Protocols"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{206, "Partial Content"},
    Phrase{207, "Multi-Status"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
};

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return {};
}

Response json_response(int status, const json::Value& value) {
  return {status, {{"Content-Type", "application/json"}}, json::to_json(value)};
}

Response problem(int status, std::string_view detail, std::string_view code) {
  json::Value body = json::Value::object({{"detail", detail}});
  if (!code.empty()) body.set("code", code);
  return json_response(status, body);
}

void append_response(std::string& out, const Response& response, bool keep_alive, bool head_only) {
  const int status = response.status;
  const bool has_body = status >= 200 && status != 204 && status != 304;
  out += "HTTP/1.1 ";
  out += std::to_string(status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  if (has_body) {
    append_field(out, "Content-Length", std::to_string(response.body.size()));
    append_field(out, "X-Content-Type-Options", "nosniff");
  }
  if (!keep_alive && status != 101) append_field(out, "Connection", "close");
  out += "\r\n";
  if (has_body && !head_only) out += response.body;
}

}  // namespace carillon::http
