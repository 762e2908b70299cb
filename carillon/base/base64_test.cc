#include "carillon/base/base64.h"

#include <gtest/gtest.h>

namespace carillon {
namespace {

TEST(Base64, EncodesTheRfcVectors) {  // RFC 4648 §10
  EXPECT_EQ(base64_encode(as_bytes("")), "");
  EXPECT_EQ(base64_encode(as_bytes("f")), "Zg==");
  EXPECT_EQ(base64_encode(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(base64_encode(as_bytes("foo")), "Zm9v");
  EXPECT_EQ(base64_encode(as_bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(base64_encode(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_EQ(base64_encode(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, DecodesWhatItEncodes) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64_decode(base64_encode(as_bytes(bytes))), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(as_bytes(bytes))), bytes);
    bytes += static_cast<char>(i * 89);
  }
}

TEST(Base64, KnowsItsTwoAlphabets) {
  const std::string_view bytes = "\xfb\xff\xfe";
  EXPECT_EQ(base64_encode(as_bytes(bytes)), "+//+");
  EXPECT_EQ(base64url_encode(as_bytes(bytes)), "-__-");
  EXPECT_EQ(base64_decode("-__-"), std::nullopt);
  EXPECT_EQ(base64url_decode("+//+"), std::nullopt);
}

TEST(Base64, IsStrictAboutPadding) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zm9v=", "=",
                           "==", "====", "Z===", "Zg==Zg==", "Zm9vZ", "Zg=a", "=Zg="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

TEST(Base64, RefusesBitsThatBelongToNoByte) {  // RFC 4648 §3.5
  EXPECT_EQ(base64_decode("Zh=="), std::nullopt);
  EXPECT_EQ(base64_decode("Zm9="), std::nullopt);
  EXPECT_EQ(base64url_decode("Zh"), std::nullopt);
  EXPECT_EQ(base64url_decode("Zm9"), std::nullopt);
}

TEST(Base64, RefusesOtherCharacters) {
  for (const char* text : {"Zm 9", "Zm9\n", "Zm9v\r\n\r\n", "Zm\xc3\xa9"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(base64_decode(std::string_view("Zm\0v", 4)), std::nullopt);
}

TEST(Base64url, HasNoPadding) {  // RFC 7515 §2
  EXPECT_EQ(base64url_encode(as_bytes("f")), "Zg");
  EXPECT_EQ(base64url_decode("Zg"), "f");
  EXPECT_EQ(base64url_decode("Zm8"), "fo");
  EXPECT_EQ(base64url_decode("Zg=="), std::nullopt);
  EXPECT_EQ(base64url_decode("Zm8="), std::nullopt);
  EXPECT_EQ(base64url_decode("Z"), std::nullopt);
  EXPECT_EQ(base64url_decode(""), "");
}

}  // namespace
}  // namespace carillon
