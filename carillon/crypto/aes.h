// AES-128 in CBC mode with PKCS#7 padding (SP 800-38A, RFC 5652 §6.3), for Fernet.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"

namespace carillon::crypto {

inline constexpr size_t kAesBlockBytes = 16;
using AesBlock = std::array<std::byte, kAesBlockBytes>;

// `iv` must not be known before the message is. Any thread.
std::string aes128_cbc_encrypt(const AesBlock& key, const AesBlock& iv, std::string_view plaintext);

// Empty when the length is no multiple of a block or the padding is wrong. Says so only about what
// a MAC has vouched for, or it becomes a padding oracle. Any thread.
std::optional<std::string> aes128_cbc_decrypt(const AesBlock& key,
                                              const AesBlock& iv,
                                              std::string_view ciphertext);

}  // namespace carillon::crypto
