#include "carillon/http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace carillon::http {
namespace {

struct Outcome {
  std::string body;
  size_t taken = 0;
  bool is_done = false;
  std::optional<HttpError> error;
  bool operator==(const Outcome&) const = default;
};

// Feeds `bytes` in pieces of `step` until the body ends.
Outcome decode(std::string_view bytes, size_t step, size_t body_bytes_max = 1000) {
  ChunkedDecoder decoder;
  Outcome outcome;
  while (outcome.taken < bytes.size() && !decoder.is_done()) {
    const auto piece = bytes.substr(outcome.taken, step);
    const auto taken = decoder.feed(piece, outcome.body, body_bytes_max);
    if (!taken) {
      outcome.error = taken.error();
      return outcome;
    }
    outcome.taken += *taken;
  }
  outcome.is_done = decoder.is_done();
  return outcome;
}

std::optional<HttpError> error_of(std::string_view bytes, size_t body_bytes_max = 1000) {
  const auto outcome = decode(bytes, bytes.size(), body_bytes_max);
  EXPECT_EQ(outcome.error, decode(bytes, 1, body_bytes_max).error) << bytes;
  return outcome.error;
}

TEST(ChunkedDecoder, JoinsTheChunks) {
  const std::string_view bytes = "4\r\nWiki\r\n5\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0\r\n\r\n";
  const auto outcome = decode(bytes, bytes.size());
  EXPECT_EQ(outcome.body, "Wikipedia in\r\n\r\nchunks.");
  EXPECT_TRUE(outcome.is_done);
  EXPECT_EQ(outcome.taken, bytes.size());
  for (size_t step = 1; step < bytes.size(); ++step) EXPECT_EQ(decode(bytes, step), outcome);
}

TEST(ChunkedDecoder, StopsAtTheEnd) {
  const auto outcome = decode("0\r\n\r\nGET / HTTP/1.1", 100);
  EXPECT_TRUE(outcome.is_done);
  EXPECT_EQ(outcome.taken, 5u);
  EXPECT_EQ(outcome.body, "");
}

TEST(ChunkedDecoder, IsNotDoneBeforeTheEnd) {
  const std::string_view bytes = "1\r\na\r\n0\r\nT: v\r\n\r\n";
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(bytes.substr(0, size), 100).is_done) << size;
  }
}

TEST(ChunkedDecoder, ReadsSizesInEitherCase) {
  EXPECT_EQ(decode("a\r\n0123456789\r\n00\r\n\r\n", 100).body, "0123456789");
  EXPECT_EQ(decode("00A\r\n0123456789\r\n0\r\n\r\n", 100).body, "0123456789");
}

TEST(ChunkedDecoder, DropsExtensionsAndTrailers) {
  const std::string_view bytes =
      "1;a=b;c=\"d;e\"\r\nx\r\n0;last\r\nExpires: never\r\nX-Sum:\r\n\r\n";
  const auto outcome = decode(bytes, bytes.size());
  EXPECT_EQ(outcome.body, "x");
  EXPECT_TRUE(outcome.is_done);
  for (size_t step = 1; step < bytes.size(); ++step) EXPECT_EQ(decode(bytes, step), outcome);
}

TEST(ChunkedDecoder, RefusesBadFraming) {
  for (const char* bytes : {"\r\n", " 1\r\n", "1 \r\n", "1 ;a\r\n", "g\r\n", "-1\r\n", "+1\r\n",
                            "0x1\r\n", ";a\r\n", "1\na", "1\r\r\n", "1;a\nb", "1;\x01\r\n",
                            "1\r\nab", "1\r\na\n", "1\r\na\rb", "1\r\na\r\n\r\n", "1;a\r\r\n"}) {
    EXPECT_EQ(error_of(bytes), HttpError::kBadChunk) << bytes;
  }
}

TEST(ChunkedDecoder, RefusesBadTrailers) {
  for (const char* trailer : {"a\r\n", ":\r\n", " a: b\r\n", "a : b\r\n", "a: b\nc", "a: \x7f\r\n",
                              "\rx", "\n", "a: b\rc"}) {
    EXPECT_EQ(error_of("0\r\n" + std::string(trailer)), HttpError::kBadChunk) << trailer;
  }
}

TEST(ChunkedDecoder, BoundsTheDigitsOfASize) {
  EXPECT_EQ(error_of("0000000000000001\r\na\r\n0\r\n\r\n"), std::nullopt);
  EXPECT_EQ(error_of("00000000000000001\r\n"), HttpError::kBadChunk);
  EXPECT_EQ(error_of("ffffffffffffffff\r\n"), HttpError::kBodyTooLarge);
}

TEST(ChunkedDecoder, BoundsTheBodyWhenItIsAnnounced) {
  EXPECT_EQ(error_of("a\r\n0123456789\r\n0\r\n\r\n", 10), std::nullopt);
  EXPECT_EQ(error_of("b\r\n", 10), HttpError::kBodyTooLarge);
  EXPECT_EQ(error_of("5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 10), std::nullopt);
  EXPECT_EQ(error_of("5\r\n01234\r\n6\r\n", 10), HttpError::kBodyTooLarge);
  EXPECT_EQ(error_of("0\r\n\r\n", 0), std::nullopt);
  EXPECT_EQ(error_of("1\r\n", 0), HttpError::kBodyTooLarge);
}

TEST(ChunkedDecoder, CountsItsOwnBodyOnly) {
  ChunkedDecoder decoder;
  std::string body = "before";
  ASSERT_TRUE(decoder.feed("3\r\nabc\r\n0\r\n\r\n", body, 3));
  EXPECT_EQ(body, "beforeabc");
}

TEST(ChunkedDecoder, BoundsTheExtensionsOfABody) {
  const auto with_extensions = [](size_t bytes) {
    return "1;" + std::string(bytes - 96, 'x') + "\r\na\r\n1;" + std::string(96, 'x') +
           "\r\na\r\n0\r\n\r\n";
  };
  EXPECT_EQ(error_of(with_extensions(4096)), std::nullopt);
  EXPECT_EQ(error_of(with_extensions(4097)), HttpError::kBadChunk);
}

TEST(ChunkedDecoder, BoundsTheTrailers) {
  const auto with_trailers = [](size_t bytes) {
    return "0\r\nA: " + std::string(bytes - 7, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(error_of(with_trailers(8192)), std::nullopt);
  EXPECT_EQ(error_of(with_trailers(8193)), HttpError::kBadChunk);
}

}  // namespace
}  // namespace carillon::http
