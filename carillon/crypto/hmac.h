// Keyed hashes (RFC 2104), the HS256, HS384 and HS512 of JSON Web Tokens.
#pragma once

#include <array>
#include <memory>

#include "carillon/base/bytes.h"
#include "carillon/crypto/hash.h"

// OpenSSL's own name for EVP_MAC_CTX; its headers stay inside the sources.
struct evp_mac_ctx_st;

namespace carillon::crypto {

// A MAC by value: no allocation for what is compared at once and forgotten.
struct Mac {
  std::array<std::byte, kDigestBytesMax> bytes;
  size_t size = 0;
  ByteView view() const noexcept { return {bytes.data(), size}; }
};

// A key with its context, keyed once: setting a key up costs about five times a short message.
//
// Movable, not copyable, and used by one thread at a time: each worker makes its own. The key's
// bytes are copied into the context and wiped with it.
class HmacKey {
 public:
  static HmacKey make(HashAlgorithm algorithm, ByteView key);

  HmacKey(HmacKey&&) noexcept = default;
  HmacKey& operator=(HmacKey&&) noexcept = default;

  HashAlgorithm algorithm() const noexcept { return algorithm_; }
  Mac sign(ByteView message) const;
  // Constant time in the contents of `mac`; a MAC of another length (truncated, too) is refused.
  bool verify(ByteView message, ByteView mac) const;

 private:
  struct ContextDeleter {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  using ContextPtr = std::unique_ptr<evp_mac_ctx_st, ContextDeleter>;

  HmacKey(HashAlgorithm algorithm, ContextPtr context) noexcept
      : algorithm_(algorithm), context_(std::move(context)) {}

  HashAlgorithm algorithm_;
  ContextPtr context_;
};

}  // namespace carillon::crypto
