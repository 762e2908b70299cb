#include "carillon/resp/command_writer.h"

#include <gtest/gtest.h>

#include <vector>

#include "carillon/resp/reply_parser.h"

namespace carillon::resp {
namespace {

TEST(CommandWriter, WritesAnArrayOfBulkStrings) {
  std::string out = "before";
  append_command(out, {"ZADD", "key", "", "1"});
  EXPECT_EQ(out, "before*4\r\n$4\r\nZADD\r\n$3\r\nkey\r\n$0\r\n\r\n$1\r\n1\r\n");
}

TEST(CommandWriter, WritesAnyByte) {
  const std::string hostile("\0\r\n$5\r\n\xff", 8);
  std::string out;
  append_command(out, {hostile});
  ReplyParser parser;
  std::vector<Reply> replies;
  ASSERT_TRUE(parser.feed(out, replies));
  ASSERT_EQ(replies.size(), 1u);
  ASSERT_EQ(replies[0].elements.size(), 1u);
  EXPECT_EQ(replies[0].elements[0].text, hostile);
}

TEST(CommandWriter, KnowsItsLengthBeforehand) {
  for (const size_t size : {0u, 1u, 9u, 10u, 99u, 100u, 65'536u}) {
    for (const size_t count : {1u, 9u, 10u, 11u}) {
      const std::string arg(size, 'x');
      const std::vector<std::string_view> args(count, arg);
      std::string out;
      append_command(out, args);
      EXPECT_EQ(command_bytes(args), out.size()) << count << " of " << size;
    }
  }
}

}  // namespace
}  // namespace carillon::resp
