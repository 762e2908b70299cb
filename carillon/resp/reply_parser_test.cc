#include "carillon/resp/reply_parser.h"

#include <gtest/gtest.h>

#include <optional>

namespace carillon::resp {
namespace {

using Kind = Reply::Kind;

Reply text(Kind kind, std::string bytes) {
  Reply reply;
  reply.kind = kind;
  reply.text = std::move(bytes);
  return reply;
}
Reply integer(int64_t number) {
  Reply reply;
  reply.kind = Kind::kInteger;
  reply.integer = number;
  return reply;
}
Reply array(std::vector<Reply> elements) {
  Reply reply;
  reply.kind = Kind::kArray;
  reply.elements = std::move(elements);
  return reply;
}

struct Parsed {
  std::vector<Reply> replies;
  std::optional<ReplyError> error;
  bool is_between_replies = false;
};

Parsed parse(std::string_view bytes, size_t step = SIZE_MAX, const ReplyLimits& limits = {}) {
  ReplyParser parser(limits);
  Parsed parsed;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, step);
    if (const auto fed = parser.feed(part, parsed.replies); !fed) {
      parsed.error = fed.error();
      break;
    }
    bytes.remove_prefix(part.size());
  }
  parsed.is_between_replies = parser.is_between_replies();
  return parsed;
}

std::optional<ReplyError> error_of(std::string_view bytes, const ReplyLimits& limits = {}) {
  const auto whole = parse(bytes, SIZE_MAX, limits).error;
  EXPECT_EQ(parse(bytes, 1, limits).error, whole);
  return whole;
}

TEST(ReplyParser, ReadsEveryKind) {
  const std::string bytes =
      "+OK\r\n-ERR no\r\n:-42\r\n$5\r\nhe\r\no\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
      "*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+x\r\n";
  const std::vector<Reply> expected = {
      text(Kind::kStatus, "OK"),
      text(Kind::kError, "ERR no"),
      integer(-42),
      text(Kind::kBulk, "he\r\no"),
      text(Kind::kBulk, ""),
      Reply{},
      Reply{},
      array({}),
      array({integer(1), array({text(Kind::kBulk, "a"), Reply{}}), text(Kind::kStatus, "x")})};
  for (size_t step = 1; step <= bytes.size(); ++step) {
    const Parsed parsed = parse(bytes, step);
    EXPECT_FALSE(parsed.error);
    EXPECT_TRUE(parsed.is_between_replies);
    EXPECT_EQ(parsed.replies, expected) << "in pieces of " << step;
  }
}

TEST(ReplyParser, SaysWhatAReplyIs) {
  EXPECT_TRUE(Reply{}.is_null());
  EXPECT_TRUE(array({}).is_array());
  EXPECT_TRUE(text(Kind::kError, "ERR").is_error());
  EXPECT_TRUE(text(Kind::kBulk, "OK").is_text());
  EXPECT_FALSE(text(Kind::kBulk, "OK").is_status("OK"));
  EXPECT_TRUE(text(Kind::kStatus, "OK").is_text());
  EXPECT_TRUE(text(Kind::kStatus, "OK").is_status("OK"));
  EXPECT_FALSE(text(Kind::kError, "ERR").is_text());
}

TEST(ReplyParser, WaitsForTheRest) {
  for (const std::string_view bytes : {"+", "+O", "+OK\r", "$", "$3\r\n", "$3\r\nab", "$3\r\nabc",
                                       "$3\r\nabc\r", "*1\r\n", "*2\r\n:1\r\n"}) {
    const Parsed parsed = parse(bytes);
    EXPECT_TRUE(parsed.replies.empty()) << bytes;
    EXPECT_FALSE(parsed.error) << bytes;
    EXPECT_FALSE(parsed.is_between_replies) << bytes;
  }
}

TEST(ReplyParser, HandsOutWhatCameBeforeAnError) {
  const Parsed parsed = parse("+OK\r\n!");
  EXPECT_EQ(parsed.replies.size(), 1u);
  EXPECT_EQ(parsed.error, ReplyError::kUnknownType);
}

TEST(ReplyParser, RefusesWhatIsNoReply) {
  EXPECT_EQ(error_of("HTTP/1.1 400 Bad Request\r\n"), ReplyError::kUnknownType);
  EXPECT_EQ(error_of(std::string_view("\0", 1)), ReplyError::kUnknownType);
  for (const std::string_view bytes : {":\r\n", ":1x\r\n", ":+1\r\n", ":9223372036854775808\r\n",
                                       ":1.5\r\n", "$\r\n", "$-2\r\n", "*-2\r\n", "*x\r\n"}) {
    EXPECT_EQ(error_of(bytes), ReplyError::kBadNumber) << bytes;
  }
  for (const std::string_view bytes : {"+OK\n", "+OK\rx", "$1\r\nab\r\n", "$1\r\na\rx"}) {
    EXPECT_EQ(error_of(bytes), ReplyError::kBadLineEnd) << bytes;
  }
}

TEST(ReplyParser, ReadsTheWholeRangeOfNumbers) {
  const Parsed parsed = parse(":9223372036854775807\r\n:-9223372036854775808\r\n");
  EXPECT_EQ(parsed.replies, (std::vector{integer(INT64_MAX), integer(INT64_MIN)}));
}

TEST(ReplyParser, BoundsLines) {
  const ReplyLimits limits{.line_bytes_max = 3};
  EXPECT_EQ(error_of("+abc\r\n", limits), std::nullopt);
  EXPECT_EQ(error_of("+abcd\r\n", limits), ReplyError::kLineTooLong);
  EXPECT_EQ(error_of("-abcd", limits), ReplyError::kLineTooLong) << "before its end is there";
}

TEST(ReplyParser, BoundsBulkStringsByWhatTheyAnnounce) {
  const ReplyLimits limits{.bulk_bytes_max = 12};
  EXPECT_EQ(error_of("$12\r\n", limits), std::nullopt);
  EXPECT_EQ(error_of("$13\r\n", limits), ReplyError::kBulkTooLong);
}

TEST(ReplyParser, BoundsTheBytesOfAReply) {
  const ReplyLimits limits{.reply_bytes_max = 8};
  EXPECT_EQ(error_of("*2\r\n$2\r\nab\r\n$3\r\nabc\r\n", limits), std::nullopt)
      << "1 + 1 + 2 + 1 + 3 bytes";
  EXPECT_EQ(error_of("*2\r\n$2\r\nab\r\n$4\r\n", limits), ReplyError::kReplyTooLong);
  EXPECT_EQ(error_of("+12345678\r\n+12345678\r\n", limits), std::nullopt)
      << "each reply has its own";
  EXPECT_EQ(error_of("+123456789\r\n", limits), ReplyError::kReplyTooLong);
}

TEST(ReplyParser, BoundsTheElementsOfAReply) {
  const ReplyLimits limits{.element_count_max = 4};
  EXPECT_EQ(error_of("*4\r\n", limits), std::nullopt);
  EXPECT_EQ(error_of("*5\r\n", limits), ReplyError::kTooManyElements);
  EXPECT_EQ(error_of("*2\r\n*2\r\n:1\r\n:2\r\n:3\r\n*4\r\n", limits), std::nullopt);
  EXPECT_EQ(error_of("*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n", limits), ReplyError::kTooManyElements);
}

TEST(ReplyParser, BoundsTheDepthOfAReply) {
  const ReplyLimits limits{.depth_max = 2};
  EXPECT_EQ(error_of("*1\r\n*1\r\n:1\r\n", limits), std::nullopt);
  EXPECT_EQ(error_of("*1\r\n*1\r\n*0\r\n", limits), ReplyError::kTooDeep);
}

TEST(ReplyParser, DescribesEveryError) {
  for (int error = 0; error <= static_cast<int>(ReplyError::kTooDeep); ++error) {
    EXPECT_FALSE(text_of(static_cast<ReplyError>(error)).empty()) << error;
  }
}

}  // namespace
}  // namespace carillon::resp
