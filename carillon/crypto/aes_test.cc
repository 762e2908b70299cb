#include "carillon/crypto/aes.h"

#include <gtest/gtest.h>

namespace carillon::crypto {
namespace {

AesBlock block_of(std::string_view hex) {
  AesBlock block;
  for (size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<std::byte>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
  }
  return block;
}

// SP 800-38A §F.2.1.
const AesBlock kKey = block_of("2b7e151628aed2a6abf7158809cf4f3c");
const AesBlock kIv = block_of("000102030405060708090a0b0c0d0e0f");

TEST(Aes128Cbc, EncryptsAsSp80038aSays) {
  const AesBlock plain = block_of("6bc1bee22e409f96e93d7e117393172a");
  const AesBlock expected = block_of("7649abac8119b246cee98e9b12e9197d");
  const std::string ciphertext = aes128_cbc_encrypt(kKey, kIv, as_text(plain));
  ASSERT_EQ(ciphertext.size(), 2 * kAesBlockBytes) << "a block of padding comes after a whole one";
  EXPECT_EQ(ciphertext.substr(0, kAesBlockBytes), as_text(expected));
}

TEST(Aes128Cbc, ReadsBackWhatItWrote) {
  for (const size_t length : {0U, 1U, 15U, 16U, 17U, 1000U, 100000U}) {
    const std::string text(length, 'x');
    const std::string ciphertext = aes128_cbc_encrypt(kKey, kIv, text);
    EXPECT_EQ(ciphertext.size(), length / kAesBlockBytes * kAesBlockBytes + kAesBlockBytes);
    EXPECT_EQ(aes128_cbc_decrypt(kKey, kIv, ciphertext), text);
  }
}

TEST(Aes128Cbc, RefusesWhatIsNotWholeBlocks) {
  const std::string ciphertext = aes128_cbc_encrypt(kKey, kIv, "x");
  EXPECT_EQ(aes128_cbc_decrypt(kKey, kIv, ""), std::nullopt);
  EXPECT_EQ(aes128_cbc_decrypt(kKey, kIv, ciphertext.substr(1)), std::nullopt);
  EXPECT_EQ(aes128_cbc_decrypt(kKey, kIv, ciphertext + "x"), std::nullopt);
}

TEST(Aes128Cbc, RefusesWrongPadding) {
  const std::string ciphertext = aes128_cbc_encrypt(kKey, kIv, std::string(16, 'x'));
  EXPECT_EQ(aes128_cbc_decrypt(kKey, kIv, ciphertext.substr(0, 16)), std::nullopt);
}

}  // namespace
}  // namespace carillon::crypto
