#include "carillon/msgpack/reader.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"
#include "carillon/msgpack/writer.h"

namespace carillon::msgpack {
namespace {

using namespace std::string_literals;

std::string read(std::string_view bytes) {
  const auto value = parse(bytes);
  return value ? json::to_json(*value) : std::string(slug(value.error()));
}

std::string nested(size_t depth) {
  return std::string(depth, '\x91') + "\xc0";
}

TEST(MsgpackReader, ReadsWhatTheWriterWrites) {
  const std::string_view text =
      R"({"type":"x","i":[0,127,128,65536,4294967296,18446744073709551615,-1,-33,-129,-32769,)"
      R"(-2147483649,-9223372036854775808],"f":[1.0,0.1,-2.5e-07,1e+16],"s":"é世😀","n":null,)"
      R"("t":true,"e":{},"l":[[]]})";
  EXPECT_EQ(read(to_msgpack(*json::parse(text))), text);
}

TEST(MsgpackReader, ReadsLengthsOfEveryForm) {
  for (const size_t size : {0U, 31U, 32U, 255U, 256U, 65535U, 65536U}) {
    const json::Value text(std::string(size, 'x'));
    EXPECT_EQ(*parse(to_msgpack(text)), text);
    const json::Value list = json::Value::array(json::Value::Array(size));
    EXPECT_EQ(*parse(to_msgpack(list)), list);
    json::Value::Object members;
    for (size_t i = 0; i < size; ++i) members.push_back({std::to_string(i), json::Value(i)});
    const json::Value map = json::Value::object(std::move(members));
    EXPECT_EQ(*parse(to_msgpack(map)), map);
  }
}

TEST(MsgpackReader, ReadsEncodingsThatAreNotTheShortest) {
  EXPECT_EQ(read("\xcc\x01"s), "1");
  EXPECT_EQ(read("\xcf\x00\x00\x00\x00\x00\x00\x00\x01"s), "1");
  EXPECT_EQ(read("\xd0\x01"s), "1");
  EXPECT_EQ(read("\xd3\xff\xff\xff\xff\xff\xff\xff\xff"s), "-1");
  EXPECT_EQ(read("\xd9\x01x"s), "\"x\"");
  EXPECT_EQ(read("\xda\x00\x01x"s), "\"x\"");
  EXPECT_EQ(read("\xdb\x00\x00\x00\x01x"s), "\"x\"");
  EXPECT_EQ(read("\xdc\x00\x01\x05"s), "[5]");
  EXPECT_EQ(read("\xdd\x00\x00\x00\x01\x05"s), "[5]");
  EXPECT_EQ(read("\xde\x00\x01\xd9\x01k\x05"s), "{\"k\":5}");
  EXPECT_EQ(read("\xdf\x00\x00\x00\x01\xa1k\x05"s), "{\"k\":5}");
}

TEST(MsgpackReader, ReadsFloatsOfBothSizes) {
  EXPECT_EQ(read("\xca\x3f\xc0\x00\x00"s), "1.5");
  EXPECT_EQ(read("\xca\x3d\xcc\xcc\xcd"s), "0.10000000149011612");
  EXPECT_EQ(read("\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a"s), "0.1");
}

TEST(MsgpackReader, ReadsNullForFloatsThatAreNotFinite) {
  EXPECT_EQ(read("\xca\x7f\x80\x00\x00"s), "null");
  EXPECT_EQ(read("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"s), "null");
  EXPECT_EQ(read("\xcb\xff\xf0\x00\x00\x00\x00\x00\x00"s), "null");
}

TEST(MsgpackReader, ReadsBinAsBase64) {
  EXPECT_EQ(read("\xc4\x02\x00\xff"s), "\"AP8=\"");
  EXPECT_EQ(read("\xc5\x00\x01x"s), "\"eA==\"");
  EXPECT_EQ(read("\xc6\x00\x00\x00\x00"s), "\"\"");
}

TEST(MsgpackReader, ReadsKeysOfUtf8) {
  EXPECT_EQ(read("\x81\xc4\x02\xc3\xa9\x01"s), "{\"é\":1}");
  EXPECT_EQ(read("\x81\xc4\x01\xff\x01"s), "key");
  EXPECT_EQ(read("\x81\xa1\xff\x01"s), "invalid_utf8");
}

TEST(MsgpackReader, RefusesKeysOfOtherTypes) {
  for (const std::string_view key : {"\x01", "\xc0", "\xc3", "\x90", "\x80", "\xff", "\xcb"}) {
    EXPECT_EQ(read("\x81"s + std::string(key) + "\x01"s), "key");
  }
}

TEST(MsgpackReader, TakesTheLastOfARepeatedKeyWhereTheFirstStood) {
  EXPECT_EQ(read("\x83\xa1k\x01\xa1z\x02\xa1k\x03"s), "{\"k\":3,\"z\":2}");
  std::string many = "\xde\x00\x28"s;
  for (int i = 0; i < 40; ++i)
    many += "\xa1"s + static_cast<char>('a' + i % 20) + static_cast<char>(i);
  const auto value = parse(many);
  ASSERT_TRUE(value);
  ASSERT_EQ(value->as_object()->size(), 20U);
  EXPECT_EQ(value->as_object()->front().key, "a");
  EXPECT_EQ(value->find("a")->as_int64(), 20);
  EXPECT_EQ(value->find("t")->as_int64(), 39);
}

TEST(MsgpackReader, RefusesWhatIsCutOffAnywhere) {
  const std::string whole = to_msgpack(*json::parse(
      R"({"a":[300,70000,-300,1.5,"text"],"b":{"c":"0123456789012345678901234567890123"}})"));
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(read(whole.substr(0, length)), "truncated") << length;
  }
  EXPECT_EQ(read("\xdd\xff\xff\xff\xff"s), "truncated");
  EXPECT_EQ(read("\xdf\xff\xff\xff\xff"s), "truncated");
  EXPECT_EQ(read("\xdb\xff\xff\xff\xff"s), "truncated");
  EXPECT_EQ(read("\xc6\xff\xff\xff\xff"s), "truncated");
}

TEST(MsgpackReader, RefusesBytesAfterTheObject) {
  EXPECT_EQ(read("\xc0\xc0"s), "trailing_bytes");
}

TEST(MsgpackReader, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(read("\xa1\xff"s), "invalid_utf8");
  EXPECT_EQ(read("\xa3\xed\xa0\x80"s), "invalid_utf8");
}

TEST(MsgpackReader, RefusesWhatJsonCannotSay) {
  for (const char type : "\xc7\xc8\xc9\xd4\xd5\xd6\xd7\xd8"s) {
    EXPECT_EQ(read(type + std::string(40, '\0')), "extension");
  }
  EXPECT_EQ(read("\xc1"s), "reserved");
}

TEST(MsgpackReader, NestsAsDeepAsItsLimit) {
  EXPECT_TRUE(parse(nested(512)));
  EXPECT_EQ(read(nested(513)), "too_deep");
  EXPECT_TRUE(parse("\x81\xa1k" + nested(2), {.depth_max = 3}));
  EXPECT_EQ(parse("\x81\xa1k" + nested(2), {.depth_max = 2}).error(), ReadError::kTooDeep);
  EXPECT_EQ(parse("\x81\xa1k\xc0"s, {.depth_max = 0}).error(), ReadError::kTooDeep);
  EXPECT_TRUE(parse(nested(1'024), {.depth_max = 5'000}));
  EXPECT_EQ(parse(nested(1'025), {.depth_max = 5'000}).error(), ReadError::kTooDeep);
}

TEST(MsgpackReader, ReadsAsMuchAsItsLimit) {
  EXPECT_TRUE(parse("\xa2xy"s, {.bytes_max = 3}));
  EXPECT_EQ(parse("\xa3xyz"s, {.bytes_max = 3}).error(), ReadError::kTooLarge);
}

TEST(MsgpackReader, RefusesABinWhereAStrIsAskedFor) {
  constexpr ReadLimits kLimits = {.text_member = "type"};
  for (const std::string& bin : {"\xc4\x01x"s, "\xc5\x00\x01x"s, "\xc6\x00\x00\x00\x01x"s}) {
    EXPECT_EQ(parse("\x81\xa4type" + bin, kLimits).error(), ReadError::kNotText);
    EXPECT_EQ(parse("\x81\xc4\x04type" + bin, kLimits).error(), ReadError::kNotText);
    EXPECT_TRUE(parse("\x81\xa4type" + bin));
  }
}

TEST(MsgpackReader, AsksForAStrInTheOutermostMapAlone) {
  constexpr ReadLimits kLimits = {.text_member = "type"};
  EXPECT_TRUE(parse("\x81\xa4type\xa1x", kLimits));
  EXPECT_TRUE(parse("\x81\xa4type\x07", kLimits));
  EXPECT_TRUE(parse("\x81\xa4typo\xc4\x01x"s, kLimits));
  EXPECT_TRUE(parse("\x81\xa1k\x81\xa4type\xc4\x01x"s, kLimits));
  EXPECT_TRUE(parse("\x91\x81\xa4type\xc4\x01x"s, kLimits));
  EXPECT_EQ(parse("\x82\xa1k\x81\xa1k\x01\xa4type\xc4\x01x"s, kLimits).error(),
            ReadError::kNotText);
  EXPECT_EQ(parse("\x81\xa4type", kLimits).error(), ReadError::kTruncated);
}

TEST(ReadError, HasANameOfItsOwn) {
  constexpr std::array kAll = {
      ReadError::kTruncated, ReadError::kTrailingBytes, ReadError::kTooDeep,
      ReadError::kTooLarge,  ReadError::kInvalidUtf8,   ReadError::kKey,
      ReadError::kExtension, ReadError::kReserved,      ReadError::kNotText};
  for (const ReadError a : kAll) {
    EXPECT_FALSE(slug(a).empty());
    for (const ReadError b : kAll) EXPECT_EQ(a == b, slug(a) == slug(b));
  }
}

}  // namespace
}  // namespace carillon::msgpack
