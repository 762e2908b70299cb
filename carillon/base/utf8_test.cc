#include "carillon/base/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace carillon {
namespace {

std::string encode(uint32_t code_point, int length) {
  static constexpr int kLead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  if (length == 1) return {static_cast<char>(code_point)};
  std::string bytes;
  for (int shift = 6 * (length - 1); shift >= 0; shift -= 6) {
    const int prefix = bytes.empty() ? kLead[length] : 0x80;
    bytes += static_cast<char>(prefix | static_cast<int>((code_point >> shift) & 0x3f));
  }
  return bytes;
}

int shortest(uint32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

// RFC 3629 §3: what an encoded code point must be to be valid.
bool is_scalar(uint32_t code_point) {
  return code_point <= 0x10ffff && !(code_point >= 0xd800 && code_point <= 0xdfff);
}

// Where the validator, fed byte by byte, first says no; -1 when it never does.
int refused_at(std::string_view text) {
  Utf8Validator validator;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!validator.feed(as_bytes(text.substr(i, 1)))) return static_cast<int>(i);
  }
  return -1;
}

TEST(Utf8, TakesEveryCodePointButSurrogatesAndNothingBeyond) {
  for (uint32_t code_point = 0; code_point <= 0x11ffff; ++code_point) {
    const std::string text = encode(code_point, shortest(code_point));
    ASSERT_EQ(is_valid_utf8(text), is_scalar(code_point)) << code_point;
  }
}

TEST(Utf8, RefusesEveryOverlongForm) {
  for (uint32_t code_point = 0; code_point < 0x10000; ++code_point) {
    for (int length = shortest(code_point) + 1; length <= 4; ++length) {
      ASSERT_FALSE(is_valid_utf8(encode(code_point, length))) << code_point << " in " << length;
    }
  }
}

TEST(Utf8, AgreesOnEveryTwoByteText) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const bool expected = (first < 0x80 && second < 0x80) ||
                            (first >= 0xc2 && first < 0xe0 && second >= 0x80 && second < 0xc0);
      ASSERT_EQ(is_valid_utf8(text), expected) << first << ' ' << second;
    }
  }
}

TEST(Utf8, EmptyTextIsValid) {
  EXPECT_TRUE(is_valid_utf8(""));
  Utf8Validator validator;
  EXPECT_TRUE(validator.feed({}));
  EXPECT_TRUE(validator.is_complete());
}

TEST(Utf8, RefusesAtTheFirstByteThatCannotBe) {
  EXPECT_EQ(refused_at("ab\x80"), 2);    // a continuation alone
  EXPECT_EQ(refused_at("\xc0\x80"), 0);  // only overlong forms begin so
  EXPECT_EQ(refused_at("\xc1\xbf"), 0);
  EXPECT_EQ(refused_at("\xe0\x9f\xbf"), 1);      // overlong
  EXPECT_EQ(refused_at("\xed\xa0\x80"), 1);      // a surrogate
  EXPECT_EQ(refused_at("\xf0\x8f\xbf\xbf"), 1);  // overlong
  EXPECT_EQ(refused_at("\xf4\x90\x80\x80"), 1);  // past U+10FFFF
  EXPECT_EQ(refused_at("\xf5\x80\x80\x80"), 0);
  EXPECT_EQ(refused_at("\xff"), 0);
  EXPECT_EQ(refused_at("\xe2\x82z"), 2);         // cut short by ASCII
  EXPECT_EQ(refused_at("\xf0\x9f\x92\xc3"), 3);  // cut short by another lead
}

TEST(Utf8, StaysRefusedUntilReset) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed(as_bytes("\xff")));
  EXPECT_FALSE(validator.feed(as_bytes("good")));
  EXPECT_FALSE(validator.feed({}));
  EXPECT_FALSE(validator.is_complete());
  validator.reset();
  EXPECT_TRUE(validator.feed(as_bytes("good")));
  EXPECT_TRUE(validator.is_complete());
}

TEST(Utf8, IsIncompleteInsideACharacter) {
  const std::string text = "\xf0\x9f\x9a\x80";
  Utf8Validator validator;
  for (size_t i = 0; i < text.size(); ++i) {
    ASSERT_TRUE(validator.feed(as_bytes(text).subspan(i, 1)));
    ASSERT_EQ(validator.is_complete(), i == 3);
  }
  EXPECT_FALSE(is_valid_utf8(text.substr(0, 3)));
}

TEST(Utf8, DoesNotCareWhereTheTextIsCut) {
  const std::string text = "aé€🚀 κόσμε, and thirty-two bytes of ASCII or more in one run 日本語";
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      Utf8Validator validator;
      ASSERT_TRUE(validator.feed(as_bytes(text).first(first)));
      ASSERT_TRUE(validator.feed(as_bytes(text).subspan(first, second - first)));
      ASSERT_TRUE(validator.feed(as_bytes(text).subspan(second)));
      ASSERT_TRUE(validator.is_complete());
    }
  }
}

TEST(Utf8, FindsOneBadByteAnywhereInALongText) {
  for (const char* filler : {"a", "é", "€", "🚀"}) {
    std::string text;
    while (text.size() < 100) text += filler;
    ASSERT_TRUE(is_valid_utf8(text));
    for (size_t i = 0; i < text.size(); ++i) {
      std::string broken = text;
      broken[i] = '\xff';
      ASSERT_FALSE(is_valid_utf8(broken)) << filler << " at " << i;
    }
  }
}

}  // namespace
}  // namespace carillon
