#include "carillon/http/client.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "carillon/http/request_parser.h"
#include "carillon/http/response.h"

namespace carillon::http {
namespace {

struct Parsed {
  explicit Parsed(std::string head) : bytes(std::move(head)) {
    size_t scanned = 0;
    result = parse_response_head(bytes, {}, response, scanned);
  }
  std::optional<HttpError> error() const {
    return result ? std::nullopt : std::optional(result.error());
  }
  std::string bytes;
  ResponseHead response;
  Result<bool, HttpError> result = false;
};

TEST(HttpClient, ReadsWhatTheServerPrints) {
  std::string bytes;
  append_response(bytes, problem(404, "Not found.", "not_found"), false);
  const Parsed parsed(bytes);
  ASSERT_TRUE(parsed.result && *parsed.result);
  const ResponseHead& head = parsed.response;
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.reason, "Not Found");
  EXPECT_EQ(head.header("content-type"), "application/json");
  EXPECT_EQ(head.header_count("connection"), 1u);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(head.body_kind(Method::kGet), BodyKind::kLength);
  EXPECT_EQ(bytes.substr(head.head_bytes).size(), head.content_length);
}

TEST(HttpClient, WaitsForTheEndByteByByte) {
  const std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  ResponseHead head;
  size_t scanned = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto result = parse_response_head(bytes.substr(0, size), {}, head, scanned);
    ASSERT_TRUE(result && !*result) << size;
  }
  EXPECT_TRUE(*parse_response_head(bytes, {}, head, scanned));
}

TEST(HttpClient, TakesAnEmptyOrMissingReason) {
  EXPECT_EQ(Parsed("HTTP/1.1 200 \r\n\r\n").response.reason, "");
  EXPECT_EQ(Parsed("HTTP/1.1 200\r\n\r\n").response.status, 200);
  EXPECT_EQ(Parsed("HTTP/1.0 599 Caf\xe9 \t\r\n\r\n").response.reason, "Caf\xe9 \t");
}

TEST(HttpClient, RefusesBadStatusLines) {
  for (const char* line :
       {"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 20x OK",
        "HTTP/1.1 099 OK", "HTTP/1.1 -20 OK", "HTTP/1.1\t200 OK", "HTTP/1.1  200 OK",
        "HTTPS/1.1 200 OK", "HTTP/1.1 200 O\x01K", "HTTP/1.1 200 OK\r", "H"}) {
    EXPECT_EQ(Parsed(std::string(line) + "\r\n\r\n").error(), HttpError::kBadRequestLine) << line;
  }
  EXPECT_EQ(Parsed("ICY 200 OK").error(), HttpError::kBadRequestLine);
  EXPECT_EQ(Parsed("HTTP/2.0 200 OK\r\n\r\n").error(), HttpError::kUnsupportedVersion);
  EXPECT_EQ(Parsed("HTTP/1.1 200 OK\nA: b\n\n").error(), HttpError::kBadLineEnd);
  EXPECT_EQ(Parsed("HTTP/1.1 200 OK\r\nA : b\r\n\r\n").error(), HttpError::kBadHeader);
}

TEST(HttpClient, TellsHowTheBodyEnds) {  // RFC 9112 §6.3
  const auto kind = [](const std::string& head, Method method = Method::kGet) {
    return Parsed(head + "\r\n\r\n").response.body_kind(method);
  };
  const std::string with_length = "HTTP/1.1 200 OK\r\nContent-Length: 5";
  EXPECT_EQ(kind(with_length), BodyKind::kLength);
  EXPECT_EQ(kind(with_length, Method::kHead), BodyKind::kNone);
  EXPECT_EQ(kind("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"), BodyKind::kChunked);
  EXPECT_EQ(kind("HTTP/1.1 200 OK"), BodyKind::kUntilClose);
  EXPECT_EQ(kind("HTTP/1.1 204 No Content"), BodyKind::kNone);
  EXPECT_EQ(kind("HTTP/1.1 304 Not Modified\r\nContent-Length: 5"), BodyKind::kNone);
  EXPECT_EQ(kind("HTTP/1.1 101 Switching Protocols"), BodyKind::kNone);
}

TEST(HttpClient, RefusesAmbiguousBodies) {
  const auto error = [](const std::string& fields) {
    return Parsed("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n").error();
  };
  EXPECT_EQ(error("Content-Length: 5\r\nContent-Length: 5"), HttpError::kRepeatedHeader);
  EXPECT_EQ(error("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            HttpError::kRepeatedHeader);
  EXPECT_EQ(error("Content-Length: 5\r\nTransfer-Encoding: chunked"), HttpError::kBadContentLength);
  EXPECT_EQ(error("Transfer-Encoding: gzip, chunked"), HttpError::kBadTransferEncoding);
  EXPECT_EQ(error("Content-Length: five"), HttpError::kBadContentLength);
  EXPECT_EQ(Parsed("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").error(),
            HttpError::kBadTransferEncoding);
}

TEST(HttpClient, KnowsWhetherTheConnectionStays) {
  EXPECT_TRUE(Parsed("HTTP/1.1 200 OK\r\n\r\n").response.keep_alive);
  EXPECT_FALSE(Parsed("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n").response.keep_alive);
  EXPECT_FALSE(Parsed("HTTP/1.0 200 OK\r\n\r\n").response.keep_alive);
  EXPECT_TRUE(Parsed("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n").response.keep_alive);
}

TEST(HttpClient, BoundsTheHead) {
  const std::string head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
  ResponseHead out;
  size_t scanned = 0;
  EXPECT_TRUE(*parse_response_head(head, {.head_bytes_max = head.size()}, out, scanned));
  scanned = 0;
  EXPECT_EQ(parse_response_head(head, {.head_bytes_max = head.size() - 1}, out, scanned).error(),
            HttpError::kHeadTooLarge);
  scanned = 0;
  EXPECT_TRUE(*parse_response_head(head, {.request_line_bytes_max = 15}, out, scanned));
  scanned = 0;
  EXPECT_EQ(parse_response_head(head, {.request_line_bytes_max = 14}, out, scanned).error(),
            HttpError::kRequestLineTooLong);
  scanned = 0;
  EXPECT_EQ(parse_response_head(head, {.header_count_max = 0}, out, scanned).error(),
            HttpError::kTooManyHeaders);
}

TEST(HttpClient, PrintsRequestsThatTheServerReads) {
  std::string bytes;
  append_request(bytes, {.method = Method::kPost,
                         .target = "/a b\n?c=\xc3\xa9",
                         .host = "[::1]:80",
                         .headers = {{"Authorization", "Api-Key k\r\nX: y"}},
                         .body = "{}"});
  Request request;
  size_t scanned = 0;
  ASSERT_TRUE(*parse_head(bytes, {}, request, scanned));
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.target, "/a%20b%0A?c=%C3%A9");
  EXPECT_EQ(request.header("host"), "[::1]:80");
  EXPECT_EQ(request.header("authorization"), "Api-Key k  X: y");
  EXPECT_EQ(request.content_length, 2u);
  EXPECT_EQ(bytes.substr(request.head_bytes), "{}");
}

TEST(HttpClient, GivesALengthWhereTheMethodWantsOne) {
  const auto has_length = [](Method method) {
    std::string bytes;
    append_request(bytes,
                   {.method = method, .target = "/", .host = "a", .headers = {}, .body = {}});
    return bytes.find("Content-Length: 0\r\n") != std::string::npos;
  };
  EXPECT_TRUE(has_length(Method::kPost));
  EXPECT_TRUE(has_length(Method::kPut));
  EXPECT_TRUE(has_length(Method::kPatch));
  EXPECT_FALSE(has_length(Method::kGet));
  EXPECT_FALSE(has_length(Method::kDelete));
}

}  // namespace
}  // namespace carillon::http
