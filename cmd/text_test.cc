#include <gtest/gtest.h>

#include "cmd/help_text.h"
#include "cmd/http_client.h"
#include "cmd/input.h"
#include "cmd/time_text.h"

namespace carillon::cmd {
namespace {

TEST(TimeText, WritesUtc) {
  EXPECT_EQ(utc_text(1'795'379'205), "2026-11-22T20:26:45Z");
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(INT64_MAX), "9223372036854775807");
  EXPECT_EQ(utc_text(INT64_MIN), "-9223372036854775808");
}

TEST(TimeText, NamesTheTwoLargestUnits) {
  EXPECT_EQ(span_text(0), "0s");
  EXPECT_EQ(span_text(59), "59s");
  EXPECT_EQ(span_text(60), "1m");
  EXPECT_EQ(span_text(899), "14m 59s");
  EXPECT_EQ(span_text(43'200), "12h");
  EXPECT_EQ(span_text(-90'061), "1d 1h");
}

TEST(TimeText, SaysBeforeOrAfter) {
  EXPECT_EQ(distance_text(100, 100), "now");
  EXPECT_EQ(distance_text(160, 100), "in 1m");
  EXPECT_EQ(distance_text(40, 100), "1m ago");
  EXPECT_NE(distance_text(INT64_MAX, INT64_MIN), "");
}

TEST(HelpText, WrapsAtWords) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("indivisible", 3), (std::vector<std::string>{"indivisible"}));
  EXPECT_TRUE(wrap("", 3).empty());
  EXPECT_EQ(column_count("–…x"), 3U);
}

TEST(HelpText, LaysOutTwoColumns) {
  const HelpText help = {.usage = "x COMMAND",
                         .description = "Does.",
                         .rows = {{"--a A", "first", "Options"},
                                  {"--an-option-that-is-much-too-long VALUE", "second", "Options"},
                                  {"b", "third", "Others"}},
                         .examples = "  x b\n"};
  EXPECT_EQ(render_help(help),
            "Does.\n\nUsage: x COMMAND\n\nOptions:\n  --a A  first\n"
            "  --an-option-that-is-much-too-long VALUE\n         second\n"
            "\nOthers:\n  b      third\n\nExamples:\n  x b\n");
}

TEST(Detail, ReadsBothShapesOfAnError) {
  EXPECT_EQ(detail_of(R"({"detail":"Token is expired","code":"token_not_valid"})"),
            "Token is expired");
  EXPECT_EQ(detail_of(R"({"event_type":["is missing","is odd"],"data":["is no object"]})"),
            "event_type: is missing is odd; data: is no object");
  EXPECT_EQ(detail_of("<html>"), "");
  EXPECT_EQ(detail_of("[1]"), "");
}

TEST(Input, ReadsAnArgumentOrStandardInput) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::fputs(" {\"a\":1}\n", file);
  std::rewind(file);
  EXPECT_EQ(*argument_or_input("given", file, false), "given");
  EXPECT_EQ(*argument_or_input("", file, true), "");
  EXPECT_EQ(*argument_or_input("-", file, true), "{\"a\":1}");
  std::rewind(file);
  EXPECT_EQ(*argument_or_input("", file, false), "{\"a\":1}");
  std::fclose(file);
}

TEST(Input, BoundsWhatItReads) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const std::string text(1U << 20, 'x');
  std::fwrite(text.data(), 1, text.size(), file);
  std::rewind(file);
  EXPECT_EQ(read_all(file)->size(), text.size());
  std::fputc('x', file);
  std::rewind(file);
  EXPECT_EQ(read_all(file).error().code, "too_long");
  std::fclose(file);
}

TEST(Input, SaysWhatIsWrongWithJson) {
  EXPECT_TRUE(parse_json_argument(" \n", "JSON")->is_null());
  EXPECT_TRUE(parse_json_argument("[]", "JSON")->is_array());
  EXPECT_EQ(parse_json_argument("{a:1}", "JSON").error().what,
            "JSON: is not JSON; quote it for the shell: '{\"key\":\"value\"}'");
  EXPECT_EQ(parse_json_argument(R"({"a":1,"a":2})", "JSON").error().what,
            "JSON: has a key twice; keep one");
}

}  // namespace
}  // namespace carillon::cmd
