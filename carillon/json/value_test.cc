#include "carillon/json/value.h"

#include <gtest/gtest.h>

#include <limits>

#include "carillon/json/writer.h"

namespace carillon::json {
namespace {

TEST(Value, IsNullUnlessToldOtherwise) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_EQ(to_json(Value()), "null");
}

TEST(Value, KnowsItsKind) {
  EXPECT_TRUE(Value(true).is_bool());
  EXPECT_TRUE(Value(1).is_number());
  EXPECT_TRUE(Value("a").is_string());
  EXPECT_TRUE(Value(std::string("a")).is_string());
  EXPECT_TRUE(Value(std::string_view("a")).is_string());
  EXPECT_TRUE(Value::array().is_array());
  EXPECT_TRUE(Value::object().is_object());
}

TEST(Value, AnswersNothingForAnotherKind) {
  const Value text("1");
  EXPECT_FALSE(text.as_bool());
  EXPECT_FALSE(text.as_int64());
  EXPECT_FALSE(text.as_uint64());
  EXPECT_FALSE(text.as_double());
  EXPECT_EQ(text.number_text(), nullptr);
  EXPECT_EQ(text.as_array(), nullptr);
  EXPECT_EQ(text.as_object(), nullptr);
  EXPECT_EQ(text.find("a"), nullptr);
  EXPECT_EQ(Value(1).as_string(), nullptr);
}

TEST(Value, KeepsIntegersToTheLastBit) {
  EXPECT_EQ(to_json(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(to_json(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(Value(std::numeric_limits<int64_t>::max()).as_int64(), 9223372036854775807);
  EXPECT_EQ(Value(std::numeric_limits<uint64_t>::max()).as_uint64(), 18446744073709551615u);
  EXPECT_FALSE(Value(std::numeric_limits<uint64_t>::max()).as_int64());
  EXPECT_FALSE(Value(-1).as_uint64());
  EXPECT_EQ(Value(uint16_t{7}).as_int64(), 7);
}

TEST(Value, DoesNotTakeAFractionForAnInteger) {
  EXPECT_FALSE(Value::number_from_text("1.0").as_int64());
  EXPECT_FALSE(Value::number_from_text("1e3").as_uint64());
  EXPECT_EQ(Value::number_from_text("1e3").as_double(), 1000.0);
  EXPECT_EQ(Value::number_from_text("7").as_double(), 7.0);
}

TEST(Value, PrintsDoublesAsPythonDoes) {
  EXPECT_EQ(to_json(1.0), "1.0");
  EXPECT_EQ(to_json(-0.0), "-0.0");
  EXPECT_EQ(to_json(0.1), "0.1");
  EXPECT_EQ(to_json(1e15), "1000000000000000.0");
  EXPECT_EQ(to_json(1e16), "1e+16");
  EXPECT_EQ(to_json(0.0001), "0.0001");
  EXPECT_EQ(to_json(0.00001), "1e-05");
  EXPECT_EQ(to_json(-1.7976931348623157e308), "-1.7976931348623157e+308");
  EXPECT_EQ(to_json(5e-324), "5e-324");
}

TEST(Value, HasNoNumberForWhatIsNotFinite) {
  EXPECT_TRUE(Value(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_TRUE(Value(std::numeric_limits<double>::quiet_NaN()).is_null());
}

TEST(Value, FindsAndSetsMembersInTheirOrder) {
  Value event = Value::object({{"type", "ping"}, {"timestamp", 1}});
  event.set("type", "pong");
  event.set("late", true);
  EXPECT_EQ(*event.find("type")->as_string(), "pong");
  EXPECT_EQ(event.find("absent"), nullptr);
  EXPECT_EQ(to_json(event), R"({"type":"pong","timestamp":1,"late":true})");
}

TEST(Value, GivesItsChildrenToBeChanged) {
  Value list = Value::array({1, "b"});
  list.as_array()->push_back(Value());
  Value object = Value::object();
  object.as_object()->push_back({"list", std::move(list)});
  EXPECT_EQ(to_json(object), R"({"list":[1,"b",null]})");
}

TEST(Value, CopiesDeeply) {
  const Value original = Value::object({{"a", Value::array({1})}});
  Value copy = original;
  EXPECT_EQ(copy, original);
  copy.set("a", 2);
  EXPECT_FALSE(copy == original);
  EXPECT_EQ(to_json(original), R"({"a":[1]})");
}

TEST(Value, ComparesKindTextAndOrder) {
  EXPECT_FALSE(Value(1) == Value("1"));
  EXPECT_FALSE(Value::number_from_text("1.0") == Value(1));
  EXPECT_EQ(Value(), Value());
  EXPECT_FALSE(Value(true) == Value(false));
  EXPECT_FALSE(Value::object({{"a", 1}, {"b", 2}}) == Value::object({{"b", 2}, {"a", 1}}));
}

TEST(ValueDeathTest, RefusesMembersOfWhatIsNoObject) {
  Value list = Value::array();
  EXPECT_DEATH(list.set("a", 1), "members != nullptr");
}

}  // namespace
}  // namespace carillon::json
