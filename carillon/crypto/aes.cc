#include "carillon/crypto/aes.h"

#include <openssl/evp.h>

#include <climits>
#include <memory>

#include "carillon/base/assert.h"

namespace carillon::crypto {
namespace {

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const unsigned char* as_unsigned(const void* bytes) {
  return static_cast<const unsigned char*>(bytes);
}

// Fetching the cipher costs more than a short message does.
const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
  CARILLON_ASSERT(cipher != nullptr);
  return cipher;
}

ContextPtr make_context(const AesBlock& key, const AesBlock& iv, bool is_encryption) {
  ContextPtr context(EVP_CIPHER_CTX_new());
  CARILLON_ASSERT(context != nullptr &&
                  EVP_CipherInit_ex2(context.get(), cipher(), as_unsigned(key.data()),
                                     as_unsigned(iv.data()), is_encryption ? 1 : 0, nullptr) == 1);
  return context;
}

// What was read, or nothing when the padding is wrong.
std::optional<std::string> run(EVP_CIPHER_CTX* context, std::string_view input) {
  CARILLON_ASSERT(input.size() <= INT_MAX - kAesBlockBytes);
  std::string output(input.size() + kAesBlockBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(output.data());
  int written = 0;
  CARILLON_ASSERT(EVP_CipherUpdate(context, out, &written, as_unsigned(input.data()),
                                   static_cast<int>(input.size())) == 1);
  int last = 0;
  if (EVP_CipherFinal_ex(context, out + written, &last) != 1) return std::nullopt;
  output.resize(static_cast<size_t>(written) + static_cast<size_t>(last));
  return output;
}

}  // namespace

std::string aes128_cbc_encrypt(const AesBlock& key,
                               const AesBlock& iv,
                               std::string_view plaintext) {
  auto ciphertext = run(make_context(key, iv, true).get(), plaintext);
  CARILLON_ASSERT(ciphertext.has_value());
  return *std::move(ciphertext);
}

std::optional<std::string> aes128_cbc_decrypt(const AesBlock& key,
                                              const AesBlock& iv,
                                              std::string_view ciphertext) {
  if (ciphertext.empty() || ciphertext.size() % kAesBlockBytes != 0) return std::nullopt;
  return run(make_context(key, iv, false).get(), ciphertext);
}

}  // namespace carillon::crypto
