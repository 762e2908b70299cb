#include "carillon/crypto/seal.h"

#include <gtest/gtest.h>

namespace carillon::crypto {
namespace {

constexpr int64_t kNowS = 1'790'000'000;

std::vector<Secret> keys(std::initializer_list<const char*> texts) {
  std::vector<Secret> made;
  for (const char* text : texts) made.emplace_back(text);
  return made;
}

TEST(Seal, OpensWhatItHasSealed) {
  const Seal seal(keys({"one"}));
  const std::string sealed = seal.seal("user:7", "{\"role\":\"admin\"}", kNowS);
  EXPECT_EQ(sealed.find("admin"), std::string::npos);
  EXPECT_EQ(seal.open("user:7", sealed, kNowS + 10, 10), "{\"role\":\"admin\"}");
  EXPECT_EQ(seal.open("user:7", seal.seal("user:7", "", kNowS), kNowS, 10), "");
}

TEST(Seal, OpensNothingThatLiesElsewhere) {
  const Seal seal(keys({"one"}));
  EXPECT_FALSE(seal.open("user:8", seal.seal("user:7", "text", kNowS), kNowS, 10));
  EXPECT_FALSE(seal.open("user:7t", seal.seal("user:7", "text", kNowS), kNowS, 10));
  EXPECT_FALSE(seal.open("user:", seal.seal("user:7", "text", kNowS), kNowS, 10));
}

TEST(Seal, OpensNothingOfOthers) {
  const Seal seal(keys({"one"}));
  const std::string sealed = seal.seal("name", "text", kNowS);
  std::string changed = sealed;
  changed[changed.size() / 2] ^= 1;
  for (const std::string& forged : {std::string(), std::string("text"), changed,
                                    Seal(keys({"two"})).seal("name", "text", kNowS)}) {
    EXPECT_FALSE(seal.open("name", forged, kNowS, 10)) << forged;
  }
  EXPECT_FALSE(seal.open("name", sealed, kNowS + 11, 10));
}

TEST(Seal, RotatesItsKeys) {
  const std::string old = Seal(keys({"one"})).seal("name", "text", kNowS);
  const Seal rotated(keys({"two", "one"}));
  EXPECT_EQ(rotated.open("name", old, kNowS, 10), "text");
  EXPECT_FALSE(Seal(keys({"one"})).open("name", rotated.seal("name", "text", kNowS), kNowS, 10));
}

TEST(Seal, WithoutKeysIsReadable) {
  const Seal seal({});
  EXPECT_EQ(seal.seal("name", "text", kNowS), "text");
  EXPECT_EQ(seal.open("name", "text", kNowS + 1'000, 10), "text");
}

}  // namespace
}  // namespace carillon::crypto
