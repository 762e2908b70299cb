#include "carillon/json/reader.h"

#include <gtest/gtest.h>

#include <string>

#include "carillon/json/writer.h"

namespace carillon::json {
namespace {

// What the text prints as once parsed, or the name of the error.
std::string reprint(std::string_view text, const ParseLimits& limits = {}) {
  auto value = parse(text, limits);
  return value ? to_json(*value) : std::string(slug(value.error()));
}

std::string nested(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonReader, ReadsAClientMessage) {
  auto message = parse(R"({"type":"ping","timestamp":123})");
  ASSERT_TRUE(message);
  EXPECT_EQ(*message->find("type")->as_string(), "ping");
  EXPECT_EQ(message->find("timestamp")->as_int64(), 123);
}

TEST(JsonReader, ReadsEveryKindAtTheRoot) {
  for (const char* text :
       {"null", "true", "false", "0", "-1.5e3", "\"\"", "\"text\"", "[]", "{}"}) {
    EXPECT_EQ(reprint(text), text);
    EXPECT_EQ(reprint(" \t\r\n" + std::string(text) + "\n \t\r"), text);
  }
}

TEST(JsonReader, KeepsOrderAndNesting) {
  const char* text = R"({"z":[1,[2,{"y":null}],{}],"a":{"b":{"c":[]}},"m":"\"\\\n"})";
  EXPECT_EQ(reprint(text), text);
  EXPECT_EQ(reprint("{ \"z\" : [ 1 , 2 ] , \"a\" : true }"), R"({"z":[1,2],"a":true})");
}

TEST(JsonReader, KeepsTheTextOfNumbers) {
  const char* text =
      "[1.0,18446744073709551615,1E+2,-0,0.10,123456789012345678901234567890,1e-999]";
  EXPECT_EQ(reprint(text), text);
}

TEST(JsonReader, RefusesNumbersThatAreNone) {
  for (const char* number : {"01", "1.", "1e", "-", "-a", "1a", "0x10", "1_0", "1\"a\"", "1.2.3"}) {
    EXPECT_EQ(reprint(number), "number") << number;
    EXPECT_EQ(reprint("[" + std::string(number) + "]"), "number") << number;
  }
  EXPECT_EQ(reprint("{\"a\":1e999}"), "number");
  EXPECT_EQ(reprint("-1e400"), "number");
}

TEST(JsonReader, RefusesWordsThatAreNotJson) {
  for (const char* word : {"NaN", "Infinity", "-Infinity", "nul", "nulll", "True", "tru", "+1",
                           ".5", "undefined", "'a'", "true1", "null\"a\"", "\x0c", "\x1a"}) {
    EXPECT_FALSE(parse(word)) << word;
    EXPECT_FALSE(parse("[" + std::string(word) + "]")) << word;
    EXPECT_FALSE(parse("{\"a\":" + std::string(word) + "}")) << word;
  }
}

TEST(JsonReader, RefusesBrokenStructure) {
  for (const char* text : {"",
                           " ",
                           "[",
                           "]",
                           "{",
                           "}",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "[1,,2]",
                           "[[1]",
                           "[1]]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1",
                           "{\"a\":1,}",
                           "{,\"a\":1}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{1:2}",
                           "{\"a\":1]",
                           "[1}",
                           "[{\"a\":1]}",
                           "{\"a\":1}}",
                           "{\"a\"::1}",
                           "[:]",
                           "\"a",
                           "\"",
                           "\"a\"\"b\"",
                           "[\"a\"b]",
                           "[\"a]",
                           "[1:2]",
                           "{[]:1}",
                           "{null:1}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\",1}",
                           "[1],",
                           "[]{}",
                           ":",
                           ","}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(JsonReader, RefusesTrailingBytes) {
  for (const char* tail : {"x", "1", "{}", "\"\"", ",", "null", "\x0c"}) {
    for (const char* text : {"{}", "[1]", "\"a\"", "true", "{\"a\":[]}"}) {
      EXPECT_FALSE(parse(text + std::string(" ") + tail)) << text << tail;
    }
  }
  EXPECT_EQ(reprint(std::string_view("[]\0", 3)), "syntax");
  EXPECT_EQ(reprint(std::string_view("1\0", 2)), "number");
}

TEST(JsonReader, RefusesAByteOrderMark) {
  EXPECT_EQ(reprint("\xef\xbb\xbf{}"), "syntax");
  EXPECT_EQ(reprint(" \xef\xbb\xbf[]"), "syntax");
}

TEST(JsonReader, ReadsEscapes) {
  EXPECT_EQ(reprint(R"("\u0041\/\b\f\n\r\t\"\\\u00e9\u20AC\ud83c\udf93")"),
            "\"A/\\b\\f\\n\\r\\t\\\"\\\\é€🎓\"");
  EXPECT_EQ(reprint(R"(["\u0000"])"), R"(["\u0000"])");
  EXPECT_EQ(reprint(R"({"\u0061":1})"), R"({"a":1})");
}

TEST(JsonReader, RefusesBadEscapes) {
  for (const char* escape : {R"(\x)", R"(\u12)", R"(\u12g4)", R"(\U0041)", R"(\')", R"(\)"}) {
    EXPECT_FALSE(parse("\"" + std::string(escape) + "\"")) << escape;
    EXPECT_FALSE(parse("[\"" + std::string(escape) + "\"]")) << escape;
  }
}

TEST(JsonReader, RefusesLoneSurrogates) {
  for (const char* escape : {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800\n)",
                             R"(\ud800\u0041)", R"(\udbff\ud800)", R"(\udfff\ud800)", R"(a\uDC00b)",
                             R"(\ud83c\udf93\ud800)", R"(\\\ud800)", R"(\u0041\udfff)"}) {
    EXPECT_EQ(reprint("\"" + std::string(escape) + "\""), "syntax") << escape;
    EXPECT_EQ(reprint("[\"" + std::string(escape) + "\"]"), "syntax") << escape;
    EXPECT_EQ(reprint("{\"" + std::string(escape) + "\":1}"), "syntax") << escape;
  }
  EXPECT_EQ(reprint(R"("\\ud800")"), R"("\\ud800")");
  EXPECT_EQ(reprint(R"("\ud7ff\ue000")"), "\"\xed\x9f\xbf\xee\x80\x80\"");
}

TEST(JsonReader, RefusesControlCharactersInStrings) {
  for (char c = 0; c < 0x20; ++c) {
    const std::string text = std::string("\"a") + c + "b\"";
    EXPECT_FALSE(parse(text)) << int{c};
    EXPECT_FALSE(parse("[" + text + "]")) << int{c};
  }
  EXPECT_EQ(reprint("\"\x7f\""), "\"\x7f\"");
}

TEST(JsonReader, RefusesInvalidUtf8) {
  for (const char* bytes :
       {"\x80", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_EQ(reprint("\"" + std::string(bytes) + "\""), "invalid_utf8");
    EXPECT_EQ(reprint("{\"" + std::string(bytes) + "\":1}"), "invalid_utf8");
  }
}

TEST(JsonReader, RefusesRepeatedKeys) {
  EXPECT_EQ(reprint(R"({"a":1,"a":1})"), "duplicate_key");
  EXPECT_EQ(reprint(R"({"a":1,"b":2,"\u0061":3})"), "duplicate_key");
  EXPECT_EQ(reprint(R"([{"x":{"a":1,"b":{},"a":2}}])"), "duplicate_key");
  EXPECT_EQ(reprint(R"({"":1,"":2})"), "duplicate_key");
  EXPECT_EQ(reprint(R"({"a":{"a":{"a":1}},"A":1})"), R"({"a":{"a":{"a":1}},"A":1})");
}

TEST(JsonReader, FindsRepeatedKeysInLargeObjects) {
  for (int count : {15, 16, 17, 1000}) {
    std::string text = "{";
    for (int i = 0; i < count; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_EQ(reprint(text + "\"last\":1}"), text + "\"last\":1}");
    EXPECT_EQ(reprint(text + "\"k7\":1}"), "duplicate_key");
  }
}

TEST(JsonReader, BoundsTheDepth) {
  EXPECT_EQ(reprint(nested(64)), nested(64));
  EXPECT_EQ(reprint(nested(65)), "too_deep");
  EXPECT_EQ(reprint("[1,[]]", {.depth_max = 2}), "[1,[]]");
  EXPECT_EQ(reprint("[1,{}]", {.depth_max = 1}), "too_deep");
  EXPECT_EQ(reprint("1", {.depth_max = 0}), "1");
  EXPECT_EQ(reprint("[]", {.depth_max = 0}), "too_deep");
  EXPECT_EQ(reprint(nested(1000), {.depth_max = 100'000}), nested(1000));
  EXPECT_EQ(reprint(nested(1001), {.depth_max = 100'000}), "too_deep");
}

TEST(JsonReader, CountsDepthNotContainers) {
  std::string text = "[";
  for (int i = 0; i < 200; ++i) text += "[{}],";
  EXPECT_EQ(reprint(text + "0]", {.depth_max = 3}), text + "0]");
}

TEST(JsonReader, BoundsTheSize) {
  EXPECT_EQ(reprint("\"abc\"", {.bytes_max = 5}), "\"abc\"");
  EXPECT_EQ(reprint("\"abcd\"", {.bytes_max = 5}), "too_large");
  EXPECT_EQ(reprint(" null ", {.bytes_max = 5}), "too_large");
}

TEST(JsonReader, ReadsDocumentsOfEverySize) {
  for (size_t size :
       {1u, 31u, 63u, 64u, 65u, 4096u, 32'752u, 32'753u, 32'754u, 32'755u, 1'000'000u}) {
    const std::string text = "[\"" + std::string(size, 'x') + "\",{\"a\":\"\\n\"}]";
    EXPECT_EQ(reprint(text), text);
    EXPECT_FALSE(parse(text.substr(0, text.size() - 1)));
  }
}

TEST(JsonReader, NamesItsErrors) {
  EXPECT_EQ(slug(ParseError::kSyntax), "syntax");
  EXPECT_EQ(slug(ParseError::kTooDeep), "too_deep");
  EXPECT_EQ(slug(ParseError::kDuplicateKey), "duplicate_key");
  EXPECT_EQ(slug(ParseError::kInvalidUtf8), "invalid_utf8");
  EXPECT_EQ(slug(ParseError::kNumber), "number");
  EXPECT_EQ(slug(ParseError::kTooLarge), "too_large");
}

}  // namespace
}  // namespace carillon::json
