#include "carillon/json/writer.h"

#include <gtest/gtest.h>

namespace carillon::json {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, EscapesOnlyWhatItMust) {
  EXPECT_EQ(quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(quoted("Grüße 🎓"), "\"Grüße 🎓\"");
  EXPECT_EQ(quoted(""), "\"\"");
}

TEST(JsonWriter, IsCompact) {
  const Value value = Value::object({{"a", Value::array({1, Value(), true, false, "x"})},
                                     {"b", Value::object()},
                                     {"c", Value::array()}});
  EXPECT_EQ(to_json(value), R"({"a":[1,null,true,false,"x"],"b":{},"c":[]})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";
  append_json(out, Value("x"));
  EXPECT_EQ(out, "data: \"x\"");
}

}  // namespace
}  // namespace carillon::json
