#include "carillon/http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon::http {
namespace {

constexpr std::string_view kHandshake =
    "GET /ws/mentor/7/?token=ey.J.x HTTP/1.1\r\n"
    "Host: localhost:8000\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Upgrade: websocket\r\n"
    "Origin: http://localhost:8000\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key:\tdGhlIHNhbXBsZSBub25jZQ== \r\n"
    "\r\n";

// One head, parsed at once; keeps the bytes that the views point into.
struct Parsed {
  explicit Parsed(std::string head) : bytes(std::move(head)) {
    size_t scanned = 0;
    result = parse_head(bytes, {}, request, scanned);
  }
  std::string bytes;
  Request request;
  Result<bool, HttpError> result = false;
};

// A head of the given lines, each without its end.
std::string lines(std::initializer_list<std::string_view> parts) {
  std::string head;
  for (std::string_view part : parts) head.append(part).append("\r\n");
  return head + "\r\n";
}

// The error of a GET with a Host and these lines; empty when it is accepted.
std::optional<HttpError> error_with(std::initializer_list<std::string_view> extra) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::string_view part : extra) head.append(part).append("\r\n");
  const Parsed parsed(head + "\r\n");
  return parsed.result ? std::nullopt : std::optional(parsed.result.error());
}

std::optional<HttpError> error_of(std::string head) {
  const Parsed parsed(std::move(head));
  return parsed.result ? std::nullopt : std::optional(parsed.result.error());
}

TEST(RequestParser, ReadsAHandshake) {
  const Parsed parsed{std::string(kHandshake)};
  ASSERT_TRUE(parsed.result && *parsed.result);
  const Request& request = parsed.request;
  EXPECT_EQ(request.method, Method::kGet);
  EXPECT_EQ(request.method_text, "GET");
  EXPECT_EQ(request.target, "/ws/mentor/7/?token=ey.J.x");
  EXPECT_EQ(request.path, "/ws/mentor/7/");
  EXPECT_EQ(request.query, "token=ey.J.x");
  EXPECT_EQ(request.minor_version, 1);
  EXPECT_EQ(request.headers.size(), 6u);
  EXPECT_EQ(request.header("sec-websocket-key"), "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_TRUE(request.header_has_token("Connection", "upgrade"));
  EXPECT_EQ(request.header_count("upgrade"), 1u);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_FALSE(request.content_length);
  EXPECT_FALSE(request.is_chunked);
  EXPECT_FALSE(request.expects_continue);
  EXPECT_EQ(request.head_bytes, kHandshake.size());
}

TEST(RequestParser, WaitsForTheEndByteByByte) {
  Request request;
  size_t scanned = 0;
  for (size_t size = 0; size < kHandshake.size(); ++size) {
    auto result = parse_head(kHandshake.substr(0, size), {}, request, scanned);
    ASSERT_TRUE(result) << size;
    ASSERT_FALSE(*result) << size;
    ASSERT_LE(scanned, size);
  }
  auto result = parse_head(kHandshake, {}, request, scanned);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(request.path, "/ws/mentor/7/");
}

TEST(RequestParser, LeavesWhatFollowsAlone) {
  const Parsed parsed(std::string(kHandshake) + "\x81\x00\xff\nGET");
  ASSERT_TRUE(parsed.result && *parsed.result);
  EXPECT_EQ(parsed.request.head_bytes, kHandshake.size());
}

TEST(RequestParser, ForgetsTheRequestBefore) {
  Request request;
  const std::string first =
      lines({"POST /a?b HTTP/1.0", "Host: a", "Content-Length: 7", "Connection: keep-alive"});
  size_t scanned = 0;
  ASSERT_TRUE(parse_head(first, {}, request, scanned));
  EXPECT_EQ(request.content_length, 7u);
  EXPECT_TRUE(request.keep_alive);
  const std::string second = lines({"GET /c HTTP/1.1", "Host: a"});
  scanned = 0;
  ASSERT_TRUE(parse_head(second, {}, request, scanned));
  EXPECT_FALSE(request.content_length);
  EXPECT_EQ(request.query, "");
  EXPECT_EQ(request.headers.size(), 1u);
  EXPECT_EQ(request.minor_version, 1);
}

TEST(RequestParser, ReadsARequestWithoutHeaders) {
  const Parsed parsed("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(parsed.result && *parsed.result);
  EXPECT_TRUE(parsed.request.headers.empty());
  EXPECT_FALSE(parsed.request.keep_alive);
}

TEST(RequestParser, SkipsOneEmptyLineBefore) {  // RFC 9112 §2.2
  const Parsed parsed("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nrest");
  ASSERT_TRUE(parsed.result && *parsed.result);
  EXPECT_EQ(parsed.request.head_bytes, parsed.bytes.size() - 4);
  EXPECT_EQ(error_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), HttpError::kBadRequestLine);
  EXPECT_EQ(error_of("\rGET"), HttpError::kBadRequestLine);
  EXPECT_EQ(error_of("\nGET"), HttpError::kBadRequestLine);
}

TEST(RequestParser, TellsAnotherProtocolFromItsFirstByte) {
  EXPECT_EQ(error_of("\x16\x03\x01"), HttpError::kBadRequestLine);
  EXPECT_EQ(error_of(" GET"), HttpError::kBadRequestLine);
  EXPECT_EQ(error_of(std::string(1, '\0')), HttpError::kBadRequestLine);
  EXPECT_EQ(error_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), HttpError::kUnsupportedVersion);
}

TEST(RequestParser, RefusesBadRequestLines) {
  for (const char* line :
       {"GET", "GET ", "GET /", "GET  HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1",
        "GET / HTTP/1.1x", "GET / HTTP/11", "GET / HTTP/1.", "GET / HTTX/1.1", "GET / HTTP/a.b",
        "G@T / HTTP/1.1", "GET\t/ HTTP/1.1", "GET /\r HTTP/1.1\r", "GET / HTTP/1.1\r"}) {
    EXPECT_EQ(error_of(lines({line, "Host: a"})), HttpError::kBadRequestLine) << line;
  }
  EXPECT_EQ(error_of(lines({"GET / HTTP/2.0", "Host: a"})), HttpError::kUnsupportedVersion);
  EXPECT_EQ(error_of(lines({"GET / HTTP/1.2", "Host: a"})), HttpError::kUnsupportedVersion);
  EXPECT_EQ(error_of(lines({"GET / HTTP/0.9", "Host: a"})), HttpError::kUnsupportedVersion);
}

TEST(RequestParser, ReadsTargets) {
  const Parsed query(lines({"GET /a/%2F?x?y HTTP/1.1", "Host: a"}));
  EXPECT_EQ(query.request.path, "/a/%2F");
  EXPECT_EQ(query.request.query, "x?y");
  const Parsed empty_query(lines({"GET /? HTTP/1.1", "Host: a"}));
  EXPECT_EQ(empty_query.request.path, "/");
  EXPECT_EQ(empty_query.request.query, "");
  const Parsed asterisk(lines({"OPTIONS * HTTP/1.1", "Host: a"}));
  EXPECT_EQ(asterisk.request.path, "*");
  const Parsed other(lines({"BREW /pot HTTP/1.1", "Host: a"}));
  EXPECT_EQ(other.request.method, Method::kOther);
  EXPECT_EQ(other.request.method_text, "BREW");
}

TEST(RequestParser, ReadsAbsoluteTargets) {  // RFC 9112 §3.2.2
  const Parsed parsed(lines({"GET HTTP://A.example:80/p?q HTTP/1.1", "Host: a.EXAMPLE:80"}));
  ASSERT_TRUE(parsed.result && *parsed.result);
  EXPECT_EQ(parsed.request.path, "/p");
  EXPECT_EQ(parsed.request.query, "q");
  const Parsed bare(lines({"GET wss://a HTTP/1.1", "Host: a"}));
  EXPECT_EQ(bare.request.path, "/");
  const Parsed query(lines({"GET ws://a?q HTTP/1.0"}));
  EXPECT_EQ(query.request.path, "/");
  EXPECT_EQ(query.request.query, "q");
}

TEST(RequestParser, RefusesBadTargets) {
  for (const char* target : {"*",         "a",        "http:/a",        "http://",
                             "http:///p", "ftp://a/", "http://u@a/",    "http://b/",
                             "/a#b",      "/a b",     "/\x80",          "/\x7f",
                             "/\x01",     "a:80",     "http://a/p\xff", "https://a,b/",
                             "//a\tb",    "?q",       "javascript://a", "http://a%0d/\r"}) {
    EXPECT_EQ(error_of(lines({"GET " + std::string(target) + " HTTP/1.1", "Host: a"})),
              HttpError::kBadTarget)
        << target;
  }
  EXPECT_EQ(error_of(lines({"CONNECT a:443 HTTP/1.1", "Host: a:443"})), HttpError::kBadTarget);
}

TEST(RequestParser, RefusesLinesThatEndWithoutCr) {
  EXPECT_EQ(error_of("GET / HTTP/1.1\nHost: a\n\n"), HttpError::kBadLineEnd);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: a\n"), HttpError::kBadLineEnd);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: a\r\n\n"), HttpError::kBadLineEnd);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\n\n"), HttpError::kBadLineEnd);
}

TEST(RequestParser, RefusesBadHeaders) {
  for (const char* line :
       {"X", ": a", "X : a", "X\t: a", "X Y: a", "X\xc3\xa9: a", "(X): a", " folded", "\tfolded",
        " X: a", "X: a\rb", "X: a\r", "\rX: a", "X: \x01", "X: a\x7f", "X\r: a"}) {
    EXPECT_EQ(error_with({line}), HttpError::kBadHeader) << line;
    EXPECT_EQ(error_with({line, "Y: b"}), HttpError::kBadHeader) << line;
    EXPECT_EQ(error_with({"Y: b", line}), HttpError::kBadHeader) << line;
  }
  EXPECT_EQ(error_with({std::string_view("X: a\0b", 6)}), HttpError::kBadHeader);
  EXPECT_EQ(error_with({std::string_view("X\0: a", 5)}), HttpError::kBadHeader);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), HttpError::kBadHeader);
}

TEST(RequestParser, FindsAControlCharacterAnywhereInAValue) {
  for (size_t length = 1; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (const char c : {'\x01', '\x1f', '\x7f', '\0'}) {
        std::string value(length, 'v');
        value[at] = c;
        EXPECT_EQ(error_with({"X:" + value}), HttpError::kBadHeader) << length << ' ' << at;
      }
    }
  }
}

TEST(RequestParser, KeepsEveryOtherByteOfAValue) {
  std::string value = "v";
  for (int c = 0x20; c < 0x100; ++c) {
    if (c != 0x7f) value += static_cast<char>(c);
    if (c % 5 == 0) value += '\t';
  }
  value += "v";
  const Parsed parsed(lines({"GET / HTTP/1.1", "Host: a", "X: \t " + value + "\t \t"}));
  EXPECT_EQ(parsed.request.header("x"), value);
}

TEST(RequestParser, TrimsValues) {
  const Parsed parsed(lines({"GET / HTTP/1.1", "Host:a", "A:", "B: \t ", "C:  c  d\t"}));
  EXPECT_EQ(parsed.request.header("host"), "a");
  EXPECT_EQ(parsed.request.header_count("a"), 1u);
  EXPECT_EQ(parsed.request.header("a"), "");
  EXPECT_EQ(parsed.request.header("b"), "");
  EXPECT_EQ(parsed.request.header("c"), "c  d");
}

TEST(RequestParser, WantsOneHost) {  // RFC 9112 §3.2
  EXPECT_EQ(error_of(lines({"GET / HTTP/1.1"})), HttpError::kBadHost);
  EXPECT_EQ(error_of(lines({"GET / HTTP/1.1", "X: a"})), HttpError::kBadHost);
  EXPECT_EQ(error_of(lines({"GET / HTTP/1.0"})), std::nullopt);
  EXPECT_EQ(error_of(lines({"GET / HTTP/1.1", "Host: [::1]:8000"})), std::nullopt);
  EXPECT_EQ(error_of(lines({"GET / HTTP/1.1", "Host:"})), std::nullopt);
  for (const char* host : {"a, b", "a b", "a/b", "u@a", "a?b", "a#b", "\xc3\xa9", "\"a\"", "<a>"}) {
    EXPECT_EQ(error_of(lines({"GET / HTTP/1.0", "Host: " + std::string(host)})),
              HttpError::kBadHost)
        << host;
  }
}

TEST(RequestParser, RefusesRepeatedHeaders) {
  for (const std::string name : {"Host", "Origin", "Authorization", "Content-Type",
                                 "Content-Length", "Transfer-Encoding", "Expect"}) {
    EXPECT_EQ(error_of(lines({"GET / HTTP/1.0", name + ": 1", name + ": 1"})),
              HttpError::kRepeatedHeader)
        << name;
  }
  EXPECT_EQ(error_with({"HOST: a"}), HttpError::kRepeatedHeader);
  EXPECT_EQ(error_with({"Cookie: a", "Cookie: b", "X: a", "X: b"}), std::nullopt);
}

TEST(RequestParser, ReadsContentLength) {
  const Parsed parsed(lines({"POST / HTTP/1.1", "Host: a", "content-LENGTH: 0042"}));
  EXPECT_EQ(parsed.request.content_length, 42u);
  const Parsed zero(lines({"POST / HTTP/1.1", "Host: a", "Content-Length: 0"}));
  EXPECT_EQ(zero.request.content_length, 0u);
  for (const char* value :
       {"", "-1", "+1", "1 2", "1,1", "1, 1", "0x10", "1.0", "a", "1a", "\xb2", "1;"}) {
    EXPECT_EQ(error_with({"Content-Length: " + std::string(value)}), HttpError::kBadContentLength)
        << value;
  }
}

TEST(RequestParser, RefusesLengthBesideCoding) {  // RFC 9112 §6.1
  EXPECT_EQ(error_with({"Content-Length: 5", "Transfer-Encoding: chunked"}),
            HttpError::kBadContentLength);
  EXPECT_EQ(error_with({"Transfer-Encoding: chunked", "Content-Length: 5"}),
            HttpError::kBadContentLength);
}

TEST(RequestParser, TakesNoCodingButChunked) {
  const Parsed parsed(lines({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked"}));
  ASSERT_TRUE(parsed.result && *parsed.result);
  EXPECT_TRUE(parsed.request.is_chunked);
  for (const char* value : {"", "gzip", "gzip, chunked", "chunked, chunked", "chunked,", ",chunked",
                            "chunked;x=1", "\"chunked\"", "identity", "xchunked", "chunked\x0b"}) {
    const auto error = error_with({"Transfer-Encoding: " + std::string(value)});
    ASSERT_TRUE(error) << value;
    EXPECT_EQ(status_for(*error), 400) << value;
  }
  EXPECT_EQ(error_of(lines({"POST / HTTP/1.0", "Host: a", "Transfer-Encoding: chunked"})),
            HttpError::kBadTransferEncoding);
}

TEST(RequestParser, KnowsWhetherTheConnectionStays) {  // RFC 9112 §9.3
  const auto stays = [](std::string_view version, std::string_view connection) {
    return Parsed(lines({"GET / " + std::string(version), "Host: a", "Connection: x",
                         "Connection: " + std::string(connection)}))
        .request.keep_alive;
  };
  EXPECT_TRUE(stays("HTTP/1.1", ""));
  EXPECT_TRUE(stays("HTTP/1.1", "Upgrade"));
  EXPECT_FALSE(stays("HTTP/1.1", "CLOSE"));
  EXPECT_FALSE(stays("HTTP/1.1", "keep-alive, close"));
  EXPECT_FALSE(stays("HTTP/1.0", ""));
  EXPECT_TRUE(stays("HTTP/1.0", "Keep-Alive"));
  EXPECT_FALSE(stays("HTTP/1.0", "keep-alive, close"));
}

TEST(RequestParser, ReadsExpectations) {  // RFC 9110 §10.1.1
  const Parsed parsed(lines({"POST / HTTP/1.1", "Host: a", "Expect: 100-Continue"}));
  EXPECT_TRUE(parsed.request.expects_continue);
  EXPECT_EQ(error_with({"Expect: 200-ok"}), HttpError::kBadExpectation);
  EXPECT_EQ(error_with({"Expect:"}), HttpError::kBadExpectation);
  const Parsed old(lines({"POST / HTTP/1.0", "Expect: 100-continue"}));
  ASSERT_TRUE(old.result && *old.result);
  EXPECT_FALSE(old.request.expects_continue);
}

TEST(RequestParser, AllocatesNothingOnceWarm) {
  Request request;
  size_t scanned = 0;
  ASSERT_TRUE(parse_head(kHandshake, {}, request, scanned));
  const Header* const kept = request.headers.data();
  for (int i = 0; i < 3; ++i) {
    scanned = 0;
    ASSERT_TRUE(parse_head(kHandshake, {}, request, scanned));
    EXPECT_EQ(request.headers.data(), kept);
  }
}

}  // namespace
}  // namespace carillon::http
