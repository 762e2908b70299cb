// Reads requests from standard input, each as its length in decimal, a line feed and its bytes, and
// prints for each one line of JSON: what the HTTP codec makes of it. Bytes become the characters of
// the same number.
#include <cstdio>
#include <string>
#include <string_view>

#include "carillon/http/chunked_decoder.h"
#include "carillon/http/request_parser.h"
#include "carillon/json/writer.h"

namespace {

using namespace carillon::http;
using carillon::json::Value;

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += {static_cast<char>(0xc0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3f))};
    }
  }
  return text;
}

Value refused(HttpError error) {
  return Value::object({{"status", status_for(error)}, {"why", explain(error)}});
}

// Adds the body and whatever follows it; `rest` begins where the head ended.
Value with_body(Value message, const Request& request, std::string_view rest) {
  const Limits limits;
  std::string body;
  bool is_complete = true;
  if (request.is_chunked) {
    ChunkedDecoder decoder;
    const auto taken = decoder.feed(rest, body, limits.body_bytes_max);
    if (!taken) return refused(taken.error());
    rest.remove_prefix(*taken);
    is_complete = decoder.is_done();
  } else {
    const size_t length = static_cast<size_t>(request.content_length.value_or(0));
    body = rest.substr(0, length);
    is_complete = body.size() == length;
    rest.remove_prefix(body.size());
  }
  message.set("is_complete", is_complete);
  if (!is_complete) return message;
  message.set("body", from_latin1(body));
  message.set("rest", from_latin1(rest));
  return message;
}

Value parse(std::string_view bytes) {
  Request request;
  size_t scanned = 0;
  const auto result = parse_head(bytes, {}, request, scanned);
  if (!result) return refused(result.error());
  if (!*result) return Value::object({{"is_complete", false}});
  Value headers = Value::array();
  for (const Header& header : request.headers) {
    headers.as_array()->push_back(
        Value::array({from_latin1(header.name), from_latin1(header.value)}));
  }
  Value message = Value::object({{"method", request.method_text},
                                 {"target", request.target},
                                 {"minor_version", request.minor_version},
                                 {"keep_alive", request.keep_alive},
                                 {"headers", headers}});
  return with_body(std::move(message), request, bytes.substr(request.head_bytes));
}

}  // namespace

int main() {
  size_t size = 0;
  while (std::scanf("%zu", &size) == 1) {
    std::getchar();
    std::string bytes(size, '\0');
    if (std::fread(bytes.data(), 1, size, stdin) != size) return 1;
    const std::string line = to_json(parse(bytes)) + '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  return 0;
}
