// Making PublicKey from what operators have: PEM text, or the numbers of a JWK.
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <string>

#include "carillon/crypto/signature.h"

namespace carillon::crypto {
namespace {

template <auto kFree>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Deleter<&BIO_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Deleter<&BN_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Deleter<&OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, Deleter<&OSSL_PARAM_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<&EVP_PKEY_CTX_free>>;
using DecoderPtr = std::unique_ptr<OSSL_DECODER_CTX, Deleter<&OSSL_DECODER_CTX_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<&X509_free>>;

using SharedKey = std::shared_ptr<EVP_PKEY>;

SharedKey own(EVP_PKEY* key) {
  return SharedKey(key, Deleter<&EVP_PKEY_free>());
}

const unsigned char* as_unsigned(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

SharedKey read_certificate(BIO* text) {
  const CertificatePtr certificate(PEM_read_bio_X509(text, nullptr, nullptr, nullptr));
  return own(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

SharedKey read_public_key(BIO* text) {
  EVP_PKEY* key = nullptr;
  const DecoderPtr decoder(OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", nullptr, nullptr,
                                                         EVP_PKEY_PUBLIC_KEY, nullptr, nullptr));
  if (decoder) (void)OSSL_DECODER_from_bio(decoder.get(), text);  // `key` stays null on failure
  return own(key);
}

SharedKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1) {
    (void)EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
  }
  return own(key);
}

struct CurveNames {
  const char* group;
  size_t coordinate_bytes;
};

CurveNames names_of(EcCurve curve) {
  switch (curve) {
    case EcCurve::kP256:
      return {"prime256v1", 32};
    case EcCurve::kP384:
      return {"secp384r1", 48};
    case EcCurve::kP521:
      return {"secp521r1", 66};
  }
  return {"", 0};
}

std::string group_of(EVP_PKEY* key) {
  std::array<char, 64> name{};
  size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) != 1) return {};
  return {name.data(), length};
}

// Whether the numbers make a key: an odd modulus and exponent, a point on its curve.
bool is_sound(EVP_PKEY* key) {
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

}  // namespace

std::string_view explain(KeyError error) {
  switch (error) {
    case KeyError::kNotPem:
      return "is not a public key in PEM form (-----BEGIN PUBLIC KEY-----)";
    case KeyError::kPrivate:
      return "is a private key: give only its public half (openssl pkey -pubout)";
    case KeyError::kUnsupportedType:
      return "is not of a supported type: RSA, EC P-256/P-384/P-521, Ed25519 or Ed448";
    case KeyError::kWeak:
      return "is an RSA key under 2048 bits: make a longer one";
    case KeyError::kTooLarge:
      return "is an RSA key over 16384 bits: make a shorter one";
    case KeyError::kInvalid:
      return "holds numbers that make no key: export it again";
  }
  return "";
}

Result<PublicKey, KeyError> PublicKey::check(KeyPtr key) {
  // Failures here are answers, not incidents: nothing of them may stay on the thread's error queue.
  const struct ClearErrors {
    ~ClearErrors() { ERR_clear_error(); }
  } clear_errors;
  if (!key) return Err(KeyError::kInvalid);
  Type type;
  if (EVP_PKEY_is_a(key.get(), "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key.get());
    if (bits < kRsaBitsMin) return Err(KeyError::kWeak);
    if (bits > kRsaBitsMax) return Err(KeyError::kTooLarge);
    type = Type::kRsa;
  } else if (EVP_PKEY_is_a(key.get(), "EC") == 1) {
    const std::string group = group_of(key.get());
    if (group == names_of(EcCurve::kP256).group) {
      type = Type::kP256;
    } else if (group == names_of(EcCurve::kP384).group) {
      type = Type::kP384;
    } else if (group == names_of(EcCurve::kP521).group) {
      type = Type::kP521;
    } else {
      return Err(KeyError::kUnsupportedType);
    }
  } else if (EVP_PKEY_is_a(key.get(), "ED25519") == 1 || EVP_PKEY_is_a(key.get(), "ED448") == 1) {
    type = Type::kEd;
  } else {
    return Err(KeyError::kUnsupportedType);
  }
  if (!is_sound(key.get())) return Err(KeyError::kInvalid);
  return PublicKey(type, std::move(key));
}

Result<PublicKey, KeyError> PublicKey::from_pem(std::string_view pem) {
  const size_t begin = pem.find("-----BEGIN ");
  if (begin == std::string_view::npos) return Err(KeyError::kNotPem);
  pem.remove_prefix(begin);
  const std::string_view label = pem.substr(0, pem.find('\n'));
  if (label.find("PRIVATE KEY") != std::string_view::npos) return Err(KeyError::kPrivate);
  const BioPtr text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const bool is_certificate = label.find("CERTIFICATE") != std::string_view::npos;
  SharedKey key = is_certificate ? read_certificate(text.get()) : read_public_key(text.get());
  if (!key) {
    ERR_clear_error();
    return Err(KeyError::kNotPem);
  }
  return check(std::move(key));
}

Result<PublicKey, KeyError> PublicKey::from_rsa(const RsaNumbers& numbers) {
  // Bounded before OpenSSL computes anything with it.
  if (numbers.modulus.size() > kRsaBitsMax / 8) return Err(KeyError::kTooLarge);
  if (numbers.exponent.size() > numbers.modulus.size()) return Err(KeyError::kInvalid);
  const auto number = [](ByteView bytes) {
    return NumberPtr(BN_bin2bn(as_unsigned(bytes), static_cast<int>(bytes.size()), nullptr));
  };
  const NumberPtr modulus = number(numbers.modulus);
  const NumberPtr exponent = number(numbers.exponent);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return check(make_key("RSA", builder.get()));
}

Result<PublicKey, KeyError> PublicKey::from_ec(EcCurve curve, const EcPoint& point) {
  const auto [group, coordinate_bytes] = names_of(curve);
  // RFC 7518 §6.2.1.2: exactly the curve's length, leading zeros included.
  if (point.x.size() != coordinate_bytes || point.y.size() != coordinate_bytes) {
    return Err(KeyError::kInvalid);
  }
  std::string encoded(1, '\x04');  // SEC 1 §2.3.3: uncompressed
  encoded += as_text(point.x);
  encoded += as_text(point.y);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                   encoded.size());
  return check(make_key("EC", builder.get()));
}

Result<PublicKey, KeyError> PublicKey::from_ed(EdCurve curve, ByteView key) {
  const char* type = curve == EdCurve::kEd25519 ? "ED25519" : "ED448";
  return check(
      own(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, as_unsigned(key), key.size())));
}

}  // namespace carillon::crypto
