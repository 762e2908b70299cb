#include "carillon/json/number.h"

#include <gtest/gtest.h>

#include <cmath>

namespace carillon::json {
namespace {

TEST(Number, FollowsTheGrammar) {
  for (const char* text : {"0", "-0", "7", "-12", "10", "0.5", "-0.0", "1e1", "1E+09", "2.50e-3"}) {
    EXPECT_TRUE(is_number_text(text)) << text;
  }
  for (const char* text : {"",    "-",   "+1",    "01",    "-01",  ".5",  "1.",       "1.e1",
                           "1e",  "1e+", "0x1",   "1 ",    " 1",   "1,0", "Infinity", "NaN",
                           "--1", "1-",  "1e1.5", "1e1e1", "1..2", "00",  "-.5",      "1a"}) {
    EXPECT_FALSE(is_number_text(text)) << text;
  }
}

TEST(Number, ReadsTheNearestDouble) {
  EXPECT_EQ(nearest_double("1.5"), 1.5);
  EXPECT_EQ(nearest_double("-2e3"), -2000.0);
  EXPECT_EQ(nearest_double("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(nearest_double("18446744073709551616"), 18446744073709551616.0);
}

TEST(Number, HasNoDoubleForTheHuge) {
  EXPECT_FALSE(nearest_double("1e999"));
  EXPECT_FALSE(nearest_double("-1e+309"));
  EXPECT_FALSE(nearest_double("1e99999999999999999999"));
  EXPECT_FALSE(nearest_double("0.0001e999"));
  EXPECT_FALSE(nearest_double("1.5e400"));
  EXPECT_FALSE(nearest_double(std::string(400, '9')));
  EXPECT_FALSE(nearest_double("2e308"));
}

TEST(Number, TakesTheTinyForZero) {
  EXPECT_EQ(nearest_double("1e-999"), 0.0);
  EXPECT_EQ(nearest_double("0.00001e-400"), 0.0);
  EXPECT_EQ(nearest_double("1000e-99999999999999999999"), 0.0);
  EXPECT_EQ(nearest_double("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_TRUE(std::signbit(*nearest_double("-1e-999")));
  EXPECT_EQ(nearest_double("0e999"), 0.0);
  EXPECT_EQ(nearest_double("0.000e99999999999999999999"), 0.0);
}

TEST(Number, PrintsTextThatReadsBack) {
  for (double number : {0.0, 1.0, 0.1, 1e21, 1e-7, 123456789.125, 5e-324}) {
    EXPECT_EQ(nearest_double(shortest_text(number)), number);
  }
}

}  // namespace
}  // namespace carillon::json
