#include "carillon/layer/python_json.h"

#include <gtest/gtest.h>

#include "carillon/json/writer.h"

namespace carillon::layer {
namespace {

std::string written(std::string_view json_text) {
  std::string out;
  append_python_json(out, *json::parse(json_text));
  return out;
}

std::string read(std::string_view text) {
  const auto value = parse_python_json(text, {});
  return value ? json::to_json(*value) : std::string(json::slug(value.error()));
}

TEST(PythonJson, HasBlanksAfterCommasAndColons) {
  EXPECT_EQ(written(R"({"a":[1,true,false,null],"b":{},"c":[],"d":{"e":"f","g":[]}})"),
            R"({"a": [1, true, false, null], "b": {}, "c": [], "d": {"e": "f", "g": []}})");
}

TEST(PythonJson, EscapesAllButPrintableAscii) {
  EXPECT_EQ(written(R"("\" \\ / \b\f\n\r\t \u0000\u001f~\u007f")"),
            R"("\" \\ / \b\f\n\r\t \u0000\u001f~\u007f")");
  EXPECT_EQ(written("\"é世\xef\xbf\xbf\""), R"("\u00e9\u4e16\uffff")");
  EXPECT_EQ(written("\"\xf0\x90\x80\x80😀\xf4\x8f\xbf\xbf\""),
            R"("\ud800\udc00\ud83d\ude00\udbff\udfff")");
  EXPECT_EQ(written("{\"é\":1}"), R"({"\u00e9": 1})");
}

TEST(PythonJson, PrintsNumbersAsPythonDoes) {
  EXPECT_EQ(written("[0,-0,-0.0,1.50,1e3,1E16,0.00001,18446744073709551616]"),
            "[0, 0, -0.0, 1.5, 1000.0, 1e+16, 1e-05, 18446744073709551616]");
  std::string out;
  append_python_json(out, json::Value::number_from_text("1e999"));
  EXPECT_EQ(out, "1e999") << "what no double is near stays as it is";
}

TEST(PythonJson, ReadsWhatPythonWrites) {
  EXPECT_EQ(read(R"({"\u00e9": "\ud83d\ude00", "n": [1, 2.0]})"), R"({"é":"😀","n":[1,2.0]})");
}

TEST(PythonJson, ReadsNullForNumbersThatAreNotFinite) {
  EXPECT_EQ(read(R"({"a": NaN, "b": [Infinity, -Infinity, -1]})"),
            R"({"a":null,"b":[null,null,-1]})");
  EXPECT_EQ(read("NaN"), "null");
  EXPECT_EQ(read("[-Infinity]"), "[null]");
}

TEST(PythonJson, LeavesStringsAlone) {
  EXPECT_EQ(read(R"(["NaN", "a\"NaN", "\\", NaN, "Infinity\\"])"),
            R"(["NaN","a\"NaN","\\",null,"Infinity\\"])");
}

TEST(PythonJson, RefusesWhatIsNoJson) {
  EXPECT_EQ(read("[Nan]"), "syntax");
  EXPECT_EQ(read("[NaN"), "syntax");
  EXPECT_EQ(read("[\"NaN"), "syntax");
  EXPECT_EQ(read("[NaN, \"\\"), "syntax");
  EXPECT_EQ(read("[--Infinity]"), "number");
  EXPECT_EQ(read("[1e999]"), "number");
  EXPECT_EQ(read(""), "syntax");
  EXPECT_EQ(read("\"\xff\""), "invalid_utf8");
}

}  // namespace
}  // namespace carillon::layer
