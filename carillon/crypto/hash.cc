#include "carillon/crypto/hash.h"

#include <openssl/evp.h>

#include <memory>

#include "carillon/base/assert.h"

namespace carillon::crypto {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

// Lives as long as the process: freeing it would race with OpenSSL's own exit handler.
const EVP_MD* fetch(const char* name) {
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  CARILLON_ASSERT(digest != nullptr);
  return digest;
}

template <size_t kBytes>
std::array<std::byte, kBytes> hash(const EVP_MD* digest, EVP_MD_CTX* context, ByteView bytes) {
  std::array<std::byte, kBytes> out;
  // Initialising with the digest it already has reuses the context's memory.
  const bool done =
      EVP_DigestInit_ex2(context, digest, nullptr) == 1 &&
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1;
  CARILLON_ASSERT(done);
  return out;
}

}  // namespace

std::array<std::byte, 20> sha1(ByteView bytes) {
  static const EVP_MD* const digest = fetch("SHA1");
  thread_local const ContextPtr context(EVP_MD_CTX_new());
  return hash<20>(digest, context.get(), bytes);
}

std::array<std::byte, 32> sha256(ByteView bytes) {
  static const EVP_MD* const digest = fetch("SHA256");
  thread_local const ContextPtr context(EVP_MD_CTX_new());
  return hash<32>(digest, context.get(), bytes);
}

}  // namespace carillon::crypto
