#include "carillon/crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "carillon/base/assert.h"
#include "carillon/crypto/constant_time.h"

namespace carillon::crypto {
namespace {

const char* digest_name(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return "SHA256";
    case HashAlgorithm::kSha384:
      return "SHA384";
    case HashAlgorithm::kSha512:
      return "SHA512";
  }
  return "";
}

const unsigned char* as_unsigned(ByteView bytes) {
  // OpenSSL reads a null key as "keep the present one", so an empty one must not be null.
  static constexpr unsigned char kNothing = 0;
  return bytes.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

void HmacKey::ContextDeleter::operator()(evp_mac_ctx_st* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

HmacKey HmacKey::make(HashAlgorithm algorithm, ByteView key) {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  CARILLON_ASSERT(mac != nullptr);
  ContextPtr context(EVP_MAC_CTX_new(mac));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                       const_cast<char*>(digest_name(algorithm)), 0),
      OSSL_PARAM_construct_end(),
  };
  const bool keyed = context != nullptr &&
                     EVP_MAC_init(context.get(), as_unsigned(key), key.size(), parameters) == 1;
  CARILLON_ASSERT(keyed);
  return HmacKey(algorithm, std::move(context));
}

Mac HmacKey::sign(ByteView message) const {
  Mac mac;
  const bool done =
      EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
      EVP_MAC_update(context_.get(), as_unsigned(message), message.size()) == 1 &&
      EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(mac.bytes.data()), &mac.size,
                    mac.bytes.size()) == 1;
  CARILLON_ASSERT(done && mac.size == digest_bytes(algorithm_));
  return mac;
}

bool HmacKey::verify(ByteView message, ByteView mac) const {
  const Mac expected = sign(message);
  return constant_time_equal(as_text(expected.view()), as_text(mac));
}

}  // namespace carillon::crypto
