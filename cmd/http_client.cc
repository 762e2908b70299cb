#include "cmd/http_client.h"

#include <fmt/core.h>

#include <array>
#include <optional>

#include "carillon/http/chunked_decoder.h"
#include "carillon/json/reader.h"

namespace carillon::cmd {
namespace {

constexpr size_t kBodyBytesMax = 16U << 20;

Error not_http(const Url& url, std::string_view reason) {
  return {"not_http",
          fmt::format("{}: {}; is this a Carillon server? Look at --url", url.text(), reason)};
}

class Exchange {
 public:
  Exchange(const Url& url, Socket socket, const Deadline& deadline)
      : url_(url), socket_(std::move(socket)), deadline_(deadline) {}

  Result<HttpReply, Error> run(const http::ClientRequest& request) {
    std::string bytes;
    http::append_request(bytes, request);
    if (auto written = socket_.write_all(bytes, deadline_); !written) return Err(written.error());
    if (auto read = read_head(); !read) return Err(read.error());
    const http::BodyKind kind = head_.body_kind(request.method);
    const uint64_t length = head_.content_length.value_or(0);
    reply_.status = head_.status;
    for (const http::Header& header : head_.headers) {
      reply_.headers.emplace_back(header.name, header.value);
    }
    received_.erase(0, head_.head_bytes);  // the head's views are dead from here on
    if (auto read = read_body(kind, length); !read) return Err(read.error());
    return std::move(reply_);
  }

 private:
  // False when the peer has closed.
  Result<bool, Error> read_more() {
    std::array<char, 16'384> buffer;
    CARILLON_TRY(const size_t count,
                 socket_.read_some(std::as_writable_bytes(std::span(buffer)), deadline_));
    received_.append(buffer.data(), count);
    return count > 0;
  }

  Result<void, Error> read_head() {
    size_t scanned = 0;
    for (;;) {
      auto parsed = http::parse_response_head(received_, {}, head_, scanned);
      if (!parsed) return Err(not_http(url_, http::explain(parsed.error())));
      if (*parsed) return {};
      CARILLON_TRY(const bool is_open, read_more());
      if (!is_open) return Err(not_http(url_, "the connection was closed without an answer"));
    }
  }

  Result<void, Error> read_body(http::BodyKind kind, uint64_t length) {
    switch (kind) {
      case http::BodyKind::kNone:
        return {};
      case http::BodyKind::kChunked:
        return read_chunks();
      case http::BodyKind::kLength:
      case http::BodyKind::kUntilClose:
        break;
    }
    const bool has_length = kind == http::BodyKind::kLength;
    while (!has_length || received_.size() < length) {
      if (received_.size() > kBodyBytesMax) return Err(not_http(url_, "the answer is too long"));
      CARILLON_TRY(const bool is_open, read_more());
      if (is_open) continue;
      if (has_length) return Err(not_http(url_, "the answer broke off"));
      break;
    }
    reply_.body = has_length ? received_.substr(0, length) : received_;
    return {};
  }

  Result<void, Error> read_chunks() {
    http::ChunkedDecoder decoder;
    for (;;) {
      auto taken = decoder.feed(received_, reply_.body, kBodyBytesMax);
      if (!taken) return Err(not_http(url_, http::explain(taken.error())));
      if (decoder.is_done()) return {};
      received_.clear();
      CARILLON_TRY(const bool is_open, read_more());
      if (!is_open) return Err(not_http(url_, "the answer broke off"));
    }
  }

  const Url& url_;
  Socket socket_;
  const Deadline& deadline_;
  std::string received_;
  http::ResponseHead head_;
  HttpReply reply_;
};

void append_messages(std::string& out, const json::Value& value) {
  const auto* list = value.as_array();
  if (list != nullptr) {
    for (const json::Value& item : *list) append_messages(out, item);
  } else if (const std::string* text = value.as_string()) {
    if (!out.empty() && !out.ends_with(": ")) out += ' ';
    out += *text;
  }
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (http::equals_ignoring_case(key, name)) return value;
  }
  return {};
}

Result<HttpReply, Error> fetch(const Url& url,
                               http::ClientRequest request,
                               const Deadline& deadline) {
  if (request.host.empty()) request.host = url.authority();
  request.target.insert(0, url.base);
  request.headers.emplace_back("Connection", "close");
  CARILLON_TRY(Socket socket, Socket::connect(url, deadline));
  return Exchange(url, std::move(socket), deadline).run(request);
}

std::string detail_of(std::string_view body) {
  const auto value = json::parse(body);
  if (!value) return {};
  if (const json::Value* detail = value->find("detail")) {
    const std::string* text = detail->as_string();
    if (text != nullptr) return *text;
  }
  const auto* fields = value->as_object();
  if (fields == nullptr) return {};
  std::string out;
  for (const auto& [key, messages] : *fields) {
    std::string line = key + ": ";
    append_messages(line, messages);
    if (!out.empty()) out += "; ";
    out += line;
  }
  return out;
}

}  // namespace carillon::cmd
