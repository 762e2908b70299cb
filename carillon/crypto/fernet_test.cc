#include "carillon/crypto/fernet.h"

#include <gtest/gtest.h>

#include <string>

#include "carillon/base/base64.h"

namespace carillon::crypto {
namespace {

constexpr int64_t kMadeAt = 1'700'000'000;

AesBlock counting_iv() {
  AesBlock iv;
  for (size_t i = 0; i < iv.size(); ++i) iv[i] = static_cast<std::byte>(i);
  return iv;
}

// Made by Python's cryptography with the keys of channels_redis, this time and this IV.
constexpr std::string_view kBody =
    "\x82\xa4"
    "type"
    "\xac"
    "chat.message"
    "\xa4"
    "text"
    "\xa2"
    "hi";
constexpr std::string_view kAsciiKeyToken =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD54zJGGxnqRJfz7GK_WUAVoHyHCP-k4kNyMxJU0YUI0sb86jBu86jqUb6bvSP"
    "h_viXz7nyc7XWMxyY2GZVf4p_k=";
constexpr std::string_view kCyrillicKeyToken =
    "gAAAAABlU_EAAAECAwQFBgcICQoLDA0OD-n_x6oixcGX9TNJy3u5ZXJ6jpWBhK_wK1Q1o-0IDAK4HXa6GDobpCf8Py7eV"
    "WYkQe5CVsosWd7NIgNvWdIkLhY=";

FernetKey key() {
  return FernetKey::from_text("secret-1");
}

FernetError error_of(std::string_view token,
                     int64_t now_s = kMadeAt,
                     std::optional<uint32_t> ttl_s = 70) {
  const auto body = key().decrypt(token, now_s, ttl_s);
  EXPECT_FALSE(body) << token;
  return body ? FernetError::kMalformed : body.error();
}

// The token with the low bit of one of its bytes turned.
std::string with_changed(size_t at) {
  std::string bytes = *base64url_decode(kAsciiKeyToken.substr(0, kAsciiKeyToken.size() - 1));
  bytes[at] ^= 1;
  return base64url_encode(as_bytes(bytes)) + "=";
}

TEST(FernetKey, WritesWhatPythonWrites) {
  EXPECT_EQ(key().encrypt(kBody, kMadeAt, counting_iv()), kAsciiKeyToken);
  EXPECT_EQ(FernetKey::from_text("ключ").encrypt(kBody, kMadeAt, counting_iv()), kCyrillicKeyToken);
}

TEST(FernetKey, ReadsWhatPythonWrites) {
  const auto body = key().decrypt(kAsciiKeyToken, kMadeAt, 70);
  ASSERT_TRUE(body);
  EXPECT_EQ(*body, kBody);
  EXPECT_EQ(*FernetKey::from_text("ключ").decrypt(kCyrillicKeyToken, kMadeAt), kBody);
}

TEST(FernetKey, ReadsBackEveryLength) {
  for (size_t length = 0; length <= 50; ++length) {
    const std::string body(length, 'x');
    const std::string token = key().encrypt(body, kMadeAt, counting_iv());
    EXPECT_EQ(token.size() % 4, 0U);
    const auto read = key().decrypt(token, kMadeAt);
    ASSERT_TRUE(read) << length;
    EXPECT_EQ(*read, body);
  }
}

TEST(FernetKey, RefusesATokenThatIsOlderThanItMayBe) {
  EXPECT_TRUE(key().decrypt(kAsciiKeyToken, kMadeAt + 70, 70));
  EXPECT_EQ(error_of(kAsciiKeyToken, kMadeAt + 71), FernetError::kExpired);
}

TEST(FernetKey, RefusesATokenOfMoreThanAMinuteAhead) {
  EXPECT_TRUE(key().decrypt(kAsciiKeyToken, kMadeAt - 60, 70));
  EXPECT_EQ(error_of(kAsciiKeyToken, kMadeAt - 61), FernetError::kFromFuture);
}

TEST(FernetKey, LooksAtNoTimeWithoutATtl) {
  EXPECT_TRUE(key().decrypt(kAsciiKeyToken, kMadeAt + 1'000'000));
  EXPECT_TRUE(key().decrypt(kAsciiKeyToken, 0));
}

TEST(FernetKey, RefusesWhatAnotherKeySigned) {
  EXPECT_EQ(error_of(kCyrillicKeyToken), FernetError::kSignature);
  EXPECT_EQ(error_of(kCyrillicKeyToken, 0, {}), FernetError::kSignature);
}

TEST(FernetKey, RefusesATokenThatWasChangedAnywhere) {
  const size_t size = base64url_decode(kAsciiKeyToken.substr(0, kAsciiKeyToken.size() - 1))->size();
  for (size_t at = 1; at < size; ++at) {
    EXPECT_EQ(error_of(with_changed(at)), FernetError::kSignature) << at;
  }
}

TEST(FernetKey, RefusesWhatIsNoToken) {
  EXPECT_EQ(error_of(with_changed(0)), FernetError::kMalformed);
  EXPECT_EQ(error_of(""), FernetError::kMalformed);
  EXPECT_EQ(error_of("===="), FernetError::kMalformed);
  EXPECT_EQ(error_of("gAAAAABlU_EA"), FernetError::kMalformed);
  EXPECT_EQ(error_of(kAsciiKeyToken.substr(0, kAsciiKeyToken.size() - 1)), FernetError::kMalformed);
  EXPECT_EQ(error_of(std::string(kAsciiKeyToken) + "="), FernetError::kMalformed);
  EXPECT_EQ(error_of(kBody), FernetError::kMalformed);
}

TEST(FernetKey, RefusesASignedTokenWithBadPadding) {
  const auto signing_key = HmacKey::make(
      HashAlgorithm::kSha256, ByteView(sha256(as_bytes("secret-1"))).first(kAesBlockBytes));
  const auto signed_token = [&](size_t ciphertext_bytes) {
    std::string token = "\x80" + std::string(24 + ciphertext_bytes, '\0');
    token += as_text(signing_key.sign(as_bytes(token)).view());
    std::string text = base64url_encode(as_bytes(token));
    return text.append((4 - text.size() % 4) % 4, '=');
  };
  EXPECT_EQ(error_of(signed_token(16), 0, {}), FernetError::kMalformed);
  EXPECT_EQ(error_of(signed_token(17), 0, {}), FernetError::kMalformed);
}

TEST(FernetError, HasANameOfItsOwn) {
  EXPECT_EQ(slug(FernetError::kMalformed), "malformed");
  EXPECT_EQ(slug(FernetError::kSignature), "signature");
  EXPECT_EQ(slug(FernetError::kExpired), "expired");
  EXPECT_EQ(slug(FernetError::kFromFuture), "from_future");
}

}  // namespace
}  // namespace carillon::crypto
