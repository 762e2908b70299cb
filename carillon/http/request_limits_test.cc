// Each limit of a request's head on both sides, arriving whole and byte by byte.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "carillon/http/request_parser.h"

namespace carillon::http {
namespace {

// The error; empty when the head is accepted or not yet complete.
std::optional<HttpError> whole(std::string_view bytes, const Limits& limits) {
  Request request;
  size_t scanned = 0;
  const auto result = parse_head(bytes, limits, request, scanned);
  return result ? std::nullopt : std::optional(result.error());
}

std::optional<HttpError> byte_by_byte(std::string_view bytes, const Limits& limits) {
  Request request;
  size_t scanned = 0;
  for (size_t size = 1; size <= bytes.size(); ++size) {
    const auto result = parse_head(bytes.substr(0, size), limits, request, scanned);
    if (!result) return result.error();
    if (*result) return std::nullopt;
  }
  return std::nullopt;
}

void expect_both(std::string_view bytes, const Limits& limits, std::optional<HttpError> expected) {
  EXPECT_EQ(whole(bytes, limits), expected);
  EXPECT_EQ(byte_by_byte(bytes, limits), expected);
}

// A request whose first line has `size` bytes.
std::string with_line_of(size_t size) {
  const std::string shortest = "GET / HTTP/1.1";
  return "GET /" + std::string(size - shortest.size(), 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

// A request whose head has `size` bytes.
std::string with_head_of(size_t size) {
  const std::string shortest = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
  return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(size - shortest.size(), 'a') + "\r\n\r\n";
}

TEST(RequestLimits, RequestLine) {
  for (const size_t max : {14u, 64u, 16384u}) {
    const Limits limits{.request_line_bytes_max = max};
    expect_both(with_line_of(max), limits, std::nullopt);
    expect_both(with_line_of(max + 1), limits, HttpError::kRequestLineTooLong);
    expect_both("\r\n" + with_line_of(max), limits, std::nullopt);
    expect_both("\r\n" + with_line_of(max + 1), limits, HttpError::kRequestLineTooLong);
  }
}

TEST(RequestLimits, RequestLineIsRefusedBeforeItEnds) {
  const Limits limits{.request_line_bytes_max = 64};
  expect_both(std::string(65, 'a'), limits, std::nullopt);
  expect_both(std::string(66, 'a'), limits, HttpError::kRequestLineTooLong);
}

TEST(RequestLimits, Head) {
  for (const size_t max : {40u, 100u, 32768u}) {
    const Limits limits{.head_bytes_max = max};
    expect_both(with_head_of(max), limits, std::nullopt);
    expect_both(with_head_of(max) + "body", limits, std::nullopt);
    expect_both(with_head_of(max + 1), limits, HttpError::kHeadTooLarge);
  }
}

TEST(RequestLimits, HeadIsRefusedBeforeItEnds) {
  const Limits limits{.head_bytes_max = 100};
  const std::string head = with_head_of(200);
  expect_both(head.substr(0, 99), limits, std::nullopt);
  expect_both(head.substr(0, 100), limits, HttpError::kHeadTooLarge);
}

TEST(RequestLimits, HeadSmallerThanTheRequestLine) {
  const Limits limits{.request_line_bytes_max = 100, .head_bytes_max = 40};
  expect_both(std::string(50, 'a'), limits, HttpError::kRequestLineTooLong);
  expect_both(with_head_of(40), limits, std::nullopt);
  expect_both(with_head_of(41), limits, HttpError::kHeadTooLarge);
}

TEST(RequestLimits, HeaderCount) {
  for (const size_t max : {1u, 100u}) {
    const Limits limits{.header_count_max = max};
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (size_t i = 1; i < max; ++i) head += "X: a\r\n";
    expect_both(head + "\r\n", limits, std::nullopt);
    expect_both(head + "X: a\r\n\r\n", limits, HttpError::kTooManyHeaders);
  }
}

TEST(RequestLimits, AnnouncedBody) {
  const Limits limits{.body_bytes_max = 1000};
  const auto with_length = [](std::string_view length) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(length) + "\r\n\r\n";
  };
  expect_both(with_length("1000"), limits, std::nullopt);
  expect_both(with_length("1001"), limits, HttpError::kBodyTooLarge);
  expect_both(with_length("18446744073709551615"), limits, HttpError::kBodyTooLarge);
  expect_both(with_length("18446744073709551616"), limits, HttpError::kBodyTooLarge);
  expect_both(with_length(std::string(100, '9')), limits, HttpError::kBodyTooLarge);
}

TEST(RequestLimits, ErrorsDoNotDependOnArrival) {
  const Limits limits{.request_line_bytes_max = 20, .head_bytes_max = 60};
  for (const std::string& bytes : {std::string("GET / HTTP/1.1\nHost: a\r\n"),
                                   "GET /" + std::string(16, 'a') + "\nHost: a\r\n",
                                   "GET /" + std::string(17, 'a') + "\nHost: a\r\n",
                                   "GET / HTTP/1.1\r\nX: " + std::string(60, 'a') + "\n",
                                   "G(T / HTTP/1.1\r\nX: " + std::string(60, 'a') + "\r\n\r\n"}) {
    EXPECT_EQ(whole(bytes, limits), byte_by_byte(bytes, limits)) << bytes;
  }
}

}  // namespace
}  // namespace carillon::http
