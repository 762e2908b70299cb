#include "carillon/crypto/fernet.h"

#include <algorithm>

#include "carillon/base/base64.h"

namespace carillon::crypto {
namespace {

constexpr char kVersion = '\x80';
constexpr size_t kMacBytes = 32;
constexpr size_t kTimeAt = 1;
constexpr size_t kIvAt = kTimeAt + 8;
constexpr size_t kCiphertextAt = kIvAt + kAesBlockBytes;
constexpr size_t kTokenBytesMin = kCiphertextAt + kAesBlockBytes + kMacBytes;
constexpr uint64_t kClockSkewMaxS = 60;

AesBlock block_at(std::string_view bytes, size_t at) {
  AesBlock block;
  std::ranges::copy(as_bytes(bytes.substr(at, block.size())), block.begin());
  return block;
}

uint64_t time_of(std::string_view token) {
  uint64_t time = 0;
  for (size_t i = kTimeAt; i < kIvAt; ++i) time = time << 8 | static_cast<uint8_t>(token[i]);
  return time;
}

// The bytes of a token's text; nothing when it is not exactly padded base64url.
std::optional<std::string> bytes_of(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return base64url_decode(text);
}

}  // namespace

FernetKey FernetKey::from_text(std::string_view text) {
  const auto digest = sha256(as_bytes(text));
  const std::string_view bytes = as_text(digest);
  return {HmacKey::make(HashAlgorithm::kSha256, as_bytes(bytes.substr(0, kAesBlockBytes))),
          block_at(bytes, kAesBlockBytes)};
}

std::string FernetKey::encrypt(std::string_view body, int64_t now_s, const AesBlock& iv) const {
  std::string token(1, kVersion);
  for (int shift = 56; shift >= 0; shift -= 8) {
    token += static_cast<char>(static_cast<uint64_t>(now_s) >> shift & 0xff);
  }
  token += as_text(iv);
  token += aes128_cbc_encrypt(encryption_key_, iv, body);
  token += as_text(signing_key_.sign(as_bytes(token)).view());
  std::string text = base64url_encode(as_bytes(token));
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

Result<std::string, FernetError> FernetKey::decrypt(std::string_view text,
                                                    int64_t now_s,
                                                    std::optional<uint32_t> ttl_s) const {
  const auto token = bytes_of(text);
  if (!token || token->size() < kTokenBytesMin || token->front() != kVersion) {
    return Err(FernetError::kMalformed);
  }
  const std::string_view signed_part(token->data(), token->size() - kMacBytes);
  const std::string_view mac = std::string_view(*token).substr(signed_part.size());
  if (!signing_key_.verify(as_bytes(signed_part), as_bytes(mac))) {
    return Err(FernetError::kSignature);
  }
  if (ttl_s) {
    const uint64_t made_at = time_of(*token);
    const auto now = static_cast<uint64_t>(std::max<int64_t>(now_s, 0));
    if (made_at > now + kClockSkewMaxS) return Err(FernetError::kFromFuture);
    if (made_at + *ttl_s < now) return Err(FernetError::kExpired);
  }
  auto body = aes128_cbc_decrypt(encryption_key_, block_at(*token, kIvAt),
                                 signed_part.substr(kCiphertextAt));
  if (!body) return Err(FernetError::kMalformed);
  return *std::move(body);
}

std::string_view slug(FernetError error) noexcept {
  switch (error) {
    case FernetError::kMalformed:
      return "malformed";
    case FernetError::kSignature:
      return "signature";
    case FernetError::kExpired:
      return "expired";
    case FernetError::kFromFuture:
      return "from_future";
  }
  return "";
}

}  // namespace carillon::crypto
