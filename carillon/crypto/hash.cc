#include "carillon/crypto/hash.h"

#include <openssl/evp.h>

#include <memory>

#include "carillon/base/assert.h"

namespace carillon {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

// A fetched digest with a context that is used again: a fetch per call costs more than the hash.
class Digest {
 public:
  explicit Digest(const char* name)
      : digest_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
    CARILLON_ASSERT(digest_ != nullptr && context_ != nullptr);
  }

  template <size_t kSize>
  std::array<std::byte, kSize> hash(ByteView bytes) {
    std::array<std::byte, kSize> result;
    unsigned written = 0;
    const bool done =
        EVP_DigestInit_ex2(context_.get(), digest_.get(), nullptr) == 1 &&
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
        EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(result.data()),
                           &written) == 1;
    CARILLON_ASSERT(done && written == kSize);
    return result;
  }

 private:
  std::unique_ptr<EVP_MD, FreeDigest> digest_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

std::array<std::byte, 20> sha1(ByteView bytes) {
  thread_local Digest digest("SHA1");
  return digest.hash<20>(bytes);
}

std::array<std::byte, 32> sha256(ByteView bytes) {
  thread_local Digest digest("SHA256");
  return digest.hash<32>(bytes);
}

}  // namespace carillon
