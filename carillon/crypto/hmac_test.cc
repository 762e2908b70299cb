#include "carillon/crypto/hmac.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace carillon::crypto {
namespace {

std::string from_hex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// RFC 4231 §4.3, test case 2.
constexpr std::string_view kKey = "Jefe";
constexpr std::string_view kMessage = "what do ya want for nothing?";
constexpr std::string_view kSha256 =
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
constexpr std::string_view kSha384 =
    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
    "8e2240ca5e69e2c78b3239ecfab21649";
constexpr std::string_view kSha512 =
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";

TEST(HmacKey, SignsAsRfc4231Says) {
  for (const auto& [algorithm, expected] :
       {std::pair(HashAlgorithm::kSha256, kSha256), std::pair(HashAlgorithm::kSha384, kSha384),
        std::pair(HashAlgorithm::kSha512, kSha512)}) {
    const HmacKey key = HmacKey::make(algorithm, as_bytes(kKey));
    EXPECT_EQ(as_text(key.sign(as_bytes(kMessage)).view()), from_hex(expected));
  }
}

TEST(HmacKey, SignsALongKey) {  // RFC 4231 §4.7: longer than the block, so it is hashed first
  const std::string key(131, '\xaa');
  EXPECT_EQ(as_text(HmacKey::make(HashAlgorithm::kSha256, as_bytes(key))
                        .sign(as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))
                        .view()),
            from_hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST(HmacKey, EachMessageStartsAfresh) {
  const HmacKey key = HmacKey::make(HashAlgorithm::kSha256, as_bytes(kKey));
  (void)key.sign(as_bytes("something else"));
  EXPECT_EQ(as_text(key.sign(as_bytes(kMessage)).view()), from_hex(kSha256));
}

TEST(HmacKey, VerifiesOnlyTheWholeRightMac) {
  const HmacKey key = HmacKey::make(HashAlgorithm::kSha256, as_bytes(kKey));
  std::string mac = from_hex(kSha256);
  EXPECT_TRUE(key.verify(as_bytes(kMessage), as_bytes(mac)));
  EXPECT_FALSE(key.verify(as_bytes("what do ya want for nothing!"), as_bytes(mac)));
  EXPECT_FALSE(key.verify(as_bytes(kMessage), as_bytes(mac.substr(0, 31))));
  EXPECT_FALSE(key.verify(as_bytes(kMessage), as_bytes(mac + "x")));
  EXPECT_FALSE(key.verify(as_bytes(kMessage), {}));
  mac.back() = static_cast<char>(mac.back() ^ 1);
  EXPECT_FALSE(key.verify(as_bytes(kMessage), as_bytes(mac)));
}

TEST(HmacKey, TakesAnEmptyKeyAndAnEmptyMessage) {
  const HmacKey key = HmacKey::make(HashAlgorithm::kSha256, {});
  EXPECT_EQ(as_text(key.sign({}).view()),
            from_hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

TEST(HmacKey, WorksAfterAMove) {
  HmacKey key = HmacKey::make(HashAlgorithm::kSha512, as_bytes(kKey));
  const HmacKey moved = std::move(key);
  EXPECT_EQ(moved.algorithm(), HashAlgorithm::kSha512);
  EXPECT_TRUE(moved.verify(as_bytes(kMessage), as_bytes(from_hex(kSha512))));
}

}  // namespace
}  // namespace carillon::crypto
