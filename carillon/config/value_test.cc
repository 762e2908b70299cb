#include "carillon/config/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace carillon::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Duration, ReadsEachUnit) {
  EXPECT_EQ(*parse_duration_ms("500ms"), 500U);
  EXPECT_EQ(*parse_duration_ms("25"), 25'000U);
  EXPECT_EQ(*parse_duration_ms("25s"), 25'000U);
  EXPECT_EQ(*parse_duration_ms("1.5 s"), 1'500U);
  EXPECT_EQ(*parse_duration_ms("5m"), 300'000U);
  EXPECT_EQ(*parse_duration_ms("12H"), 43'200'000U);
  EXPECT_EQ(*parse_duration_ms("1d"), 86'400'000U);
  EXPECT_EQ(*parse_duration_ms("0"), 0U);
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "s", "-1s", "1e3s", "1w", "1.0001s", "..s", "5 m s", "99999999999d"}) {
    EXPECT_FALSE(parse_duration_ms(text).has_value()) << text;
  }
}

TEST(Bytes, ReadsBinaryUnitsOnly) {
  EXPECT_EQ(*parse_bytes("64KiB"), 65'536U);
  EXPECT_EQ(*parse_bytes("1mib"), 1'048'576U);
  EXPECT_EQ(*parse_bytes("1.5MiB"), 1'572'864U);
  EXPECT_EQ(*parse_bytes("300"), 300U);
  EXPECT_FALSE(parse_bytes("64KB").has_value());  // 1,000 or 1,024? Say which.
  EXPECT_FALSE(parse_bytes("0.1").has_value());
}

TEST(SplitList, TrimsAndDropsEmptyItems) {
  EXPECT_THAT(split_list(" a, b ,,c,"), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(split_list(" , ").empty());
}

template <class T>
std::string problem_of(T& target, const Rules& rules, RawValue raw) {
  const auto done = assign(&target, rules, raw);
  return done ? "" : done.error();
}

TEST(Assign, ReadsSwitches) {
  bool value = false;
  for (const char* text : {"true", "True", "1", "yes", "on"}) {
    value = false;
    EXPECT_EQ(problem_of(value, {}, {.text = text}), "");
    EXPECT_TRUE(value) << text;
  }
  EXPECT_EQ(problem_of(value, {}, {.text = "off"}), "");
  EXPECT_FALSE(value);
  EXPECT_EQ(problem_of(value, {}, {.text = "maybe"}), "'maybe' is neither true nor false");
}

TEST(Assign, KeepsNumbersInTheirRange) {
  uint32_t value = 7;
  const Rules rules = {.min = 1, .max = 10};
  EXPECT_EQ(problem_of(value, rules, {.text = "10"}), "");
  EXPECT_EQ(value, 10U);
  EXPECT_EQ(problem_of(value, rules, {.text = "1"}), "");
  EXPECT_EQ(problem_of(value, rules, {.text = "0"}), "'0' is out of range; give 1 to 10");
  EXPECT_EQ(problem_of(value, rules, {.text = "11"}), "'11' is out of range; give 1 to 10");
  EXPECT_EQ(problem_of(value, rules, {.text = "-1"}), "'-1' is not a whole number");
  EXPECT_EQ(problem_of(value, rules, {.text = "18446744073709551616"}),
            "'18446744073709551616' is not a whole number");
  EXPECT_EQ(value, 1U);
}

TEST(Assign, NamesTheRangeInTheUnitOfTheSetting) {
  uint32_t value = 0;
  const Rules rules = {.unit = Unit::kMilliseconds, .min = 1, .max = 86'400'000};
  EXPECT_EQ(problem_of(value, rules, {.text = "2d"}), "'2d' is out of range; give 1ms to 1d");
  const Rules seconds = {.unit = Unit::kSeconds};
  EXPECT_EQ(problem_of(value, seconds, {.text = "500ms"}),
            "'500ms' is not a number of whole seconds");
}

TEST(Assign, RefusesAListForOneValueAndUnknownChoices) {
  std::string value;
  EXPECT_THAT(problem_of(value, {}, {.items = {"a"}, .is_list = true}), HasSubstr("not a list"));
  EXPECT_EQ(problem_of(value, {.choices = "keep enforce"}, {.text = "drop"}),
            "'drop' is none of: keep enforce");
  EXPECT_EQ(problem_of(value, {.choices = "keep enforce"}, {.text = "keep enforce"}),
            "'keep enforce' is none of: keep enforce");
}

TEST(Assign, ChecksEachItemOfAList) {
  std::vector<std::string> values = {"old"};
  const Rules rules = {.choices = "HS256 RS256"};
  EXPECT_EQ(problem_of(values, rules, {.text = "HS256, none"}), "'none' is none of: HS256 RS256");
  EXPECT_THAT(values, ElementsAre("old"));
  EXPECT_EQ(problem_of(values, rules, {.text = "HS256,RS256"}), "");
  EXPECT_THAT(values, ElementsAre("HS256", "RS256"));
}

TEST(Printable, ReadsBackAndMasks) {
  uint32_t number = 90'000;
  EXPECT_EQ(printable(&number, {.unit = Unit::kMilliseconds}), "90s");
  EXPECT_EQ(printable(&number, {.unit = Unit::kSeconds}), "25h");
  number = 65'536;
  EXPECT_EQ(printable(&number, {.unit = Unit::kBytes}), "64KiB");
  number = 65'537;
  EXPECT_EQ(printable(&number, {.unit = Unit::kBytes}), "65537B");
  Secret secret("hunter2");
  EXPECT_EQ(printable(&secret, {}), "***");
  std::vector<Secret> keys = {Secret("a"), Secret("b")};
  EXPECT_EQ(printable(&keys, {}), "***, ***");
  std::string url = "redis://user:p@ss:w@host:6379/0";
  EXPECT_EQ(printable(&url, {}), "redis://user:***@host:6379/0");
  url = "redis://:pw@host";
  EXPECT_EQ(printable(&url, {}), "redis://:***@host");
  url = "redis://host:6379/0";
  EXPECT_EQ(printable(&url, {}), url);
}

}  // namespace
}  // namespace carillon::config
