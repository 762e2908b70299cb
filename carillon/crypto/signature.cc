#include "carillon/crypto/signature.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>

#include "carillon/base/assert.h"

namespace carillon::crypto {
namespace {

enum class Padding : uint8_t { kPkcs1, kPss, kNone };

struct Scheme {
  const char* digest;  // null: the scheme hashes by itself (EdDSA)
  Padding padding;
  size_t coordinate_bytes;  // of r and of s; 0 when the signature is not ECDSA's
};

Scheme scheme_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRs256:
      return {"SHA256", Padding::kPkcs1, 0};
    case SignatureAlgorithm::kRs384:
      return {"SHA384", Padding::kPkcs1, 0};
    case SignatureAlgorithm::kRs512:
      return {"SHA512", Padding::kPkcs1, 0};
    case SignatureAlgorithm::kPs256:
      return {"SHA256", Padding::kPss, 0};
    case SignatureAlgorithm::kPs384:
      return {"SHA384", Padding::kPss, 0};
    case SignatureAlgorithm::kPs512:
      return {"SHA512", Padding::kPss, 0};
    case SignatureAlgorithm::kEs256:
      return {"SHA256", Padding::kNone, 32};
    case SignatureAlgorithm::kEs384:
      return {"SHA384", Padding::kNone, 48};
    case SignatureAlgorithm::kEs512:
      return {"SHA512", Padding::kNone, 66};
    case SignatureAlgorithm::kEdDsa:
      return {nullptr, Padding::kNone, 0};
  }
  return {nullptr, Padding::kNone, 0};
}

const unsigned char* as_unsigned(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// r||s to the ASN.1 that OpenSSL verifies; empty when the length is not the curve's.
std::string to_der(ByteView raw, size_t coordinate_bytes) {
  if (raw.size() != 2 * coordinate_bytes) return {};
  const int length = static_cast<int>(coordinate_bytes);
  BIGNUM* r = BN_bin2bn(as_unsigned(raw), length, nullptr);
  BIGNUM* s = BN_bin2bn(as_unsigned(raw.subspan(coordinate_bytes)), length, nullptr);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                        &ECDSA_SIG_free);
  // The signature owns both numbers from here on.
  CARILLON_ASSERT(ECDSA_SIG_set0(signature.get(), r, s) == 1);
  unsigned char* der = nullptr;
  const int der_bytes = i2d_ECDSA_SIG(signature.get(), &der);
  CARILLON_ASSERT(der_bytes > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(der_bytes));
  OPENSSL_free(der);
  return out;
}

bool set_padding(EVP_PKEY_CTX* context, Padding padding) {
  if (padding != Padding::kPss) return true;
  // RFC 7518 §3.5: the salt is as long as the digest; MGF1 uses the same digest by default.
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

bool PublicKey::supports(SignatureAlgorithm algorithm) const noexcept {
  switch (algorithm) {
    case SignatureAlgorithm::kRs256:
    case SignatureAlgorithm::kRs384:
    case SignatureAlgorithm::kRs512:
    case SignatureAlgorithm::kPs256:
    case SignatureAlgorithm::kPs384:
    case SignatureAlgorithm::kPs512:
      return type_ == Type::kRsa;
    case SignatureAlgorithm::kEs256:
      return type_ == Type::kP256;
    case SignatureAlgorithm::kEs384:
      return type_ == Type::kP384;
    case SignatureAlgorithm::kEs512:
      return type_ == Type::kP521;
    case SignatureAlgorithm::kEdDsa:
      return type_ == Type::kEd;
  }
  return false;
}

bool PublicKey::verify(SignatureAlgorithm algorithm, ByteView message, ByteView signature) const {
  if (!supports(algorithm)) return false;
  const Scheme scheme = scheme_of(algorithm);
  std::string der;
  if (scheme.coordinate_bytes != 0) {
    der = to_der(signature, scheme.coordinate_bytes);
    signature = as_bytes(der);
  }
  if (signature.empty()) return false;

  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_PKEY_CTX* key_context = nullptr;
  const bool good = EVP_DigestVerifyInit_ex(context.get(), &key_context, scheme.digest, nullptr,
                                            nullptr, key_.get(), nullptr) == 1 &&
                    set_padding(key_context, scheme.padding) &&
                    EVP_DigestVerify(context.get(), as_unsigned(signature), signature.size(),
                                     as_unsigned(message), message.size()) == 1;
  // What a bad signature leaves on this thread's error queue would be read as TLS's own failure.
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace carillon::crypto
