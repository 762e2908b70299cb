#include "carillon/msgpack/writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "carillon/json/reader.h"

namespace carillon::msgpack {
namespace {

using namespace std::string_literals;
using json::Value;

std::string written(std::string_view json_text) {
  return to_msgpack(*json::parse(json_text));
}

TEST(MsgpackWriter, WritesIntegersInTheirShortestForm) {
  EXPECT_EQ(written("0"), "\x00"s);
  EXPECT_EQ(written("127"), "\x7f"s);
  EXPECT_EQ(written("128"), "\xcc\x80"s);
  EXPECT_EQ(written("255"), "\xcc\xff"s);
  EXPECT_EQ(written("256"), "\xcd\x01\x00"s);
  EXPECT_EQ(written("65535"), "\xcd\xff\xff"s);
  EXPECT_EQ(written("65536"), "\xce\x00\x01\x00\x00"s);
  EXPECT_EQ(written("4294967295"), "\xce\xff\xff\xff\xff"s);
  EXPECT_EQ(written("4294967296"), "\xcf\x00\x00\x00\x01\x00\x00\x00\x00"s);
  EXPECT_EQ(written("18446744073709551615"), "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(written("-1"), "\xff"s);
  EXPECT_EQ(written("-32"), "\xe0"s);
  EXPECT_EQ(written("-33"), "\xd0\xdf"s);
  EXPECT_EQ(written("-128"), "\xd0\x80"s);
  EXPECT_EQ(written("-129"), "\xd1\xff\x7f"s);
  EXPECT_EQ(written("-32768"), "\xd1\x80\x00"s);
  EXPECT_EQ(written("-32769"), "\xd2\xff\xff\x7f\xff"s);
  EXPECT_EQ(written("-2147483648"), "\xd2\x80\x00\x00\x00"s);
  EXPECT_EQ(written("-2147483649"), "\xd3\xff\xff\xff\xff\x7f\xff\xff\xff"s);
  EXPECT_EQ(written("-9223372036854775808"), "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST(MsgpackWriter, WritesOtherNumbersAsFloat64) {
  EXPECT_EQ(written("1.5"), "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"s);
  EXPECT_EQ(written("1.0"), "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"s);
  EXPECT_EQ(written("1e0"), "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"s);
  EXPECT_EQ(written("-0.0"), "\xcb\x80\x00\x00\x00\x00\x00\x00\x00"s);
  EXPECT_EQ(written("18446744073709551616"), "\xcb\x43\xf0\x00\x00\x00\x00\x00\x00"s);
  EXPECT_EQ(written("-9223372036854775809"), "\xcb\xc3\xe0\x00\x00\x00\x00\x00\x00"s);
}

TEST(MsgpackWriter, WritesNilForANumberThatNoDoubleIsNear) {
  EXPECT_EQ(to_msgpack(Value::number_from_text("1e999")), "\xc0"s);
}

TEST(MsgpackWriter, WritesStringsInTheirShortestForm) {
  EXPECT_EQ(to_msgpack(Value("")), "\xa0"s);
  EXPECT_EQ(to_msgpack(Value("\xc3\xa9")), "\xa2\xc3\xa9"s);
  const auto head = [](size_t length, size_t bytes) {
    return to_msgpack(Value(std::string(length, 'x'))).substr(0, bytes);
  };
  EXPECT_EQ(head(31, 2), "\xbfx"s);
  EXPECT_EQ(head(32, 3), "\xd9\x20x"s);
  EXPECT_EQ(head(255, 3), "\xd9\xffx"s);
  EXPECT_EQ(head(256, 4), "\xda\x01\x00x"s);
  EXPECT_EQ(head(65'535, 4), "\xda\xff\xffx"s);
  EXPECT_EQ(head(65'536, 6), "\xdb\x00\x01\x00\x00x"s);
}

TEST(MsgpackWriter, WritesBinInItsShortestForm) {
  const auto head = [](size_t length, size_t bytes) {
    std::string out;
    append_bin(out, as_bytes(std::string(length, 'x')));
    EXPECT_TRUE(out.ends_with(std::string(length, 'x')));
    return out.substr(0, bytes);
  };
  EXPECT_EQ(head(0, 3), "\xc4\x00"s);
  EXPECT_EQ(head(255, 3), "\xc4\xffx"s);
  EXPECT_EQ(head(256, 4), "\xc5\x01\x00x"s);
  EXPECT_EQ(head(65'536, 6), "\xc6\x00\x01\x00\x00x"s);
}

TEST(MsgpackWriter, WritesContainersInTheirShortestForm) {
  const auto array_head = [](size_t count) {
    return to_msgpack(Value::array(Value::Array(count)));
  };
  EXPECT_EQ(array_head(0), "\x90"s);
  EXPECT_EQ(array_head(15), "\x9f"s + std::string(15, '\xc0'));
  EXPECT_EQ(array_head(16), "\xdc\x00\x10"s + std::string(16, '\xc0'));
  EXPECT_EQ(array_head(65'536).substr(0, 6), "\xdd\x00\x01\x00\x00\xc0"s);
  std::string out;
  for (const size_t count : {0U, 15U, 16U, 65535U, 65536U}) append_map_header(out, count);
  EXPECT_EQ(out, "\x80\x8f\xde\x00\x10\xde\xff\xff\xdf\x00\x01\x00\x00"s);
}

TEST(MsgpackWriter, KeepsTheOrderOfMembers) {
  EXPECT_EQ(written(R"({"b":null,"a":[true,false]})"), "\x82\xa1\x62\xc0\xa1\x61\x92\xc3\xc2"s);
}

TEST(MsgpackWriter, WritesMembersThatStandInSeveralMaps) {
  const Value value = *json::parse(R"({"a":1,"b":{}})");
  std::string members;
  append_members(members, *value.as_object());
  EXPECT_EQ("\x82" + members, to_msgpack(value));
  EXPECT_EQ("\x83" + members + "\xa1\x63\x02", written(R"({"a":1,"b":{},"c":2})"));
}

}  // namespace
}  // namespace carillon::msgpack
