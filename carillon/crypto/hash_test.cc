#include "carillon/crypto/hash.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace carillon::crypto {
namespace {

std::string hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte each : bytes) {
    out += kDigits[std::to_integer<unsigned>(each) >> 4];
    out += kDigits[std::to_integer<unsigned>(each) & 15];
  }
  return out;
}

TEST(Hash, Sha1OfKnownTexts) {  // FIPS 180-4, NIST examples
  EXPECT_EQ(hex(sha1(as_bytes(""))), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Hash, Sha256OfKnownTexts) {
  EXPECT_EQ(hex(sha256(as_bytes(""))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, EachCallStartsAfresh) {
  const auto first = sha256(as_bytes("one"));
  (void)sha256(as_bytes(std::string(100'000, 'x')));
  EXPECT_EQ(sha256(as_bytes("one")), first);
}

TEST(Hash, ThreadsHaveTheirOwnContexts) {
  const auto expected = sha256(as_bytes("shared"));
  bool is_same = true;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) is_same = is_same && sha256(as_bytes("shared")) == expected;
  });
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(sha256(as_bytes("shared")), expected);
  other.join();
  EXPECT_TRUE(is_same);
}

TEST(Hash, DigestLengths) {
  EXPECT_EQ(digest_bytes(HashAlgorithm::kSha256), 32U);
  EXPECT_EQ(digest_bytes(HashAlgorithm::kSha384), 48U);
  EXPECT_EQ(digest_bytes(HashAlgorithm::kSha512), 64U);
}

}  // namespace
}  // namespace carillon::crypto
