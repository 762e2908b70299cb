#include "carillon/config/env_file.h"

#include <gtest/gtest.h>

namespace carillon::config {
namespace {

std::string value_of(std::string_view text) {
  const EnvFile file = parse_env_file(text);
  EXPECT_TRUE(file.problems.empty()) << text;
  EXPECT_EQ(file.entries.size(), 1U) << text;
  return file.entries.empty() ? "" : file.entries[0].value;
}

TEST(EnvFile, ReadsPlainValues) {
  EXPECT_EQ(value_of("A=b"), "b");
  EXPECT_EQ(value_of("A = b c  \r\n"), "b c");
  EXPECT_EQ(value_of("export A=b"), "b");
  EXPECT_EQ(value_of("A="), "");
  EXPECT_EQ(value_of("A=b=c"), "b=c");
  EXPECT_EQ(value_of("\xef\xbb\xbf"
                     "A=b"),
            "b");
  EXPECT_EQ(value_of("A=${B}"), "${B}");
}

TEST(EnvFile, TakesACommentOnlyAfterABlank) {
  EXPECT_EQ(value_of("A=b # c"), "b");
  EXPECT_EQ(value_of("A=b#c"), "b#c");
  EXPECT_EQ(value_of("A=b#c #d"), "b#c");
  EXPECT_EQ(value_of("A=\"b # c\" # d"), "b # c");
  EXPECT_EQ(value_of("# x\n\nA=b\n  # y\n"), "b");
}

TEST(EnvFile, ReadsQuotes) {
  EXPECT_EQ(value_of("A=\"a\\n\\t\\\"\\\\\\$\\x\""), "a\n\t\"\\$\\x");
  EXPECT_EQ(value_of("A='a\\n\"'"), "a\\n\"");
  EXPECT_EQ(value_of("A=\"one\ntwo\""), "one\ntwo");
}

TEST(EnvFile, CountsLines) {
  const EnvFile file = parse_env_file("# first\nA=\"1\n2\"\n\nB=3\n");
  ASSERT_EQ(file.entries.size(), 2U);
  EXPECT_EQ(file.entries[0].line, 2U);
  EXPECT_EQ(file.entries[1].line, 5U);
}

TEST(EnvFile, SaysWhatIsWrongAndGoesOn) {
  const EnvFile file = parse_env_file("nonsense\nA=\"x\" y\n=z\nB=2\nC='never closed\n");
  ASSERT_EQ(file.entries.size(), 1U);
  EXPECT_EQ(file.entries[0].name, "B");
  ASSERT_EQ(file.problems.size(), 4U);
  EXPECT_EQ(file.problems[0].line, 1U);
  EXPECT_EQ(file.problems[1].line, 2U);
  EXPECT_EQ(file.problems[2].line, 3U);
  EXPECT_EQ(file.problems[3].line, 5U);
  for (const EnvProblem& problem : file.problems) {
    EXPECT_EQ(problem.what.find("never closed\n"), std::string::npos);
  }
}

TEST(EnvFile, AllowsAVariableThatIsCalledExport) {
  EXPECT_EQ(value_of("export=1"), "1");
}

}  // namespace
}  // namespace carillon::config
