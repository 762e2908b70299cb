// Keys and signatures are made here with OpenSSL's signing half, which the library does not have.
#include "carillon/crypto/signature.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace carillon::crypto {
namespace {

using PrivateKey = std::shared_ptr<EVP_PKEY>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

PrivateKey own(EVP_PKEY* key) {
  return PrivateKey(key, &EVP_PKEY_free);
}

PrivateKey make_rsa(unsigned bits = 2048) {
  return own(EVP_RSA_gen(bits));
}
PrivateKey make_ec(const char* curve) {
  return own(EVP_EC_gen(curve));
}
PrivateKey make_ed(const char* type) {
  return own(EVP_PKEY_Q_keygen(nullptr, nullptr, type));
}

std::string contents(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<size_t>(size)};
}

std::string public_pem(const PrivateKey& key) {
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  EXPECT_EQ(PEM_write_bio_PUBKEY(bio.get(), key.get()), 1);
  return contents(bio.get());
}

std::string private_pem(const PrivateKey& key) {
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
            1);
  return contents(bio.get());
}

std::string certificate_pem(const PrivateKey& key) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  EXPECT_EQ(PEM_write_bio_X509(bio.get(), certificate.get()), 1);
  return contents(bio.get());
}

struct How {
  const char* digest = nullptr;
  bool is_pss = false;
  int salt_bytes = RSA_PSS_SALTLEN_DIGEST;
  size_t coordinate_bytes = 0;  // not 0: to r||s
};

std::string to_raw(const std::string& der, size_t coordinate_bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
  std::string raw(2 * coordinate_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  const int length = static_cast<int>(coordinate_bytes);
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, length);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + coordinate_bytes, length);
  return raw;
}

std::string sign(const PrivateKey& key, std::string_view message, const How& how) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_PKEY_CTX* key_context = nullptr;
  EXPECT_EQ(EVP_DigestSignInit_ex(context.get(), &key_context, how.digest, nullptr, nullptr,
                                  key.get(), nullptr),
            1);
  if (how.is_pss) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, how.salt_bytes);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size());
  std::string out(size, '\0');
  EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                           bytes, message.size()),
            1);
  out.resize(size);
  return how.coordinate_bytes == 0 ? out : to_raw(out, how.coordinate_bytes);
}

PublicKey public_key(const PrivateKey& key) {
  auto made = PublicKey::from_pem(public_pem(key));
  EXPECT_TRUE(made.has_value());
  return *std::move(made);
}

struct Case {
  const char* name;
  SignatureAlgorithm algorithm;
  const char* key;
  How how;
};

PrivateKey make_key(std::string_view type) {
  if (type == "RSA") {
    static const PrivateKey rsa = make_rsa();
    return rsa;
  }
  return type.starts_with("ED") ? make_ed(type.data()) : make_ec(type.data());
}

constexpr int kDigestSalt = RSA_PSS_SALTLEN_DIGEST;
const Case kCases[] = {
    {"RS256", SignatureAlgorithm::kRs256, "RSA", {"SHA256"}},
    {"RS384", SignatureAlgorithm::kRs384, "RSA", {"SHA384"}},
    {"RS512", SignatureAlgorithm::kRs512, "RSA", {"SHA512"}},
    {"PS256", SignatureAlgorithm::kPs256, "RSA", {"SHA256", true}},
    {"PS384", SignatureAlgorithm::kPs384, "RSA", {"SHA384", true}},
    {"PS512", SignatureAlgorithm::kPs512, "RSA", {"SHA512", true}},
    {"ES256", SignatureAlgorithm::kEs256, "P-256", {"SHA256", false, kDigestSalt, 32}},
    {"ES384", SignatureAlgorithm::kEs384, "P-384", {"SHA384", false, kDigestSalt, 48}},
    {"ES512", SignatureAlgorithm::kEs512, "P-521", {"SHA512", false, kDigestSalt, 66}},
    {"Ed25519", SignatureAlgorithm::kEdDsa, "ED25519", {}},
    {"Ed448", SignatureAlgorithm::kEdDsa, "ED448", {}},
};

class EachAlgorithm : public testing::TestWithParam<Case> {};

TEST_P(EachAlgorithm, VerifiesWhatTheKeySignedAndNothingElse) {
  const Case& tested = GetParam();
  const PrivateKey secret = make_key(tested.key);
  const PublicKey key = public_key(secret);
  const std::string signature = sign(secret, "message", tested.how);
  const auto verifies = [&](std::string_view message, const std::string& bytes) {
    return key.verify(tested.algorithm, as_bytes(message), as_bytes(bytes));
  };
  EXPECT_TRUE(verifies("message", signature));
  EXPECT_FALSE(verifies("massage", signature));
  EXPECT_FALSE(verifies("message", ""));
  EXPECT_FALSE(verifies("message", signature.substr(1)));
  EXPECT_FALSE(verifies("message", signature + '\0'));
  std::string changed = signature;
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  EXPECT_FALSE(verifies("message", changed));
  EXPECT_FALSE(verifies("message", std::string(signature.size(), '\0')));
}

TEST_P(EachAlgorithm, RefusesEveryOtherAlgorithm) {
  const Case& tested = GetParam();
  const PrivateKey secret = make_key(tested.key);
  const PublicKey key = public_key(secret);
  const std::string signature = sign(secret, "message", tested.how);
  for (const Case& other : kCases) {
    if (other.algorithm == tested.algorithm) continue;
    EXPECT_FALSE(key.verify(other.algorithm, as_bytes("message"), as_bytes(signature)))
        << other.name;
  }
}

INSTANTIATE_TEST_SUITE_P(PublicKey,
                         EachAlgorithm,
                         testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(PublicKey, SupportsOnlyItsOwnCurve) {
  const PublicKey key = public_key(make_ec("P-384"));
  EXPECT_TRUE(key.supports(SignatureAlgorithm::kEs384));
  EXPECT_FALSE(key.supports(SignatureAlgorithm::kEs256));
  EXPECT_FALSE(key.supports(SignatureAlgorithm::kEs512));
  EXPECT_FALSE(key.supports(SignatureAlgorithm::kRs384));
  EXPECT_FALSE(key.supports(SignatureAlgorithm::kEdDsa));
}

TEST(PublicKey, RefusesAnAsn1EcdsaSignature) {  // RFC 7518 §3.4: raw r||s
  const PrivateKey secret = make_ec("P-256");
  const std::string der = sign(secret, "message", {.digest = "SHA256"});
  EXPECT_FALSE(
      public_key(secret).verify(SignatureAlgorithm::kEs256, as_bytes("message"), as_bytes(der)));
}

TEST(PublicKey, RefusesAPssSaltOfAnotherLength) {  // RFC 7518 §3.5
  const PrivateKey secret = make_key("RSA");
  const std::string signature =
      sign(secret, "message", {.digest = "SHA256", .is_pss = true, .salt_bytes = 20});
  EXPECT_FALSE(public_key(secret).verify(SignatureAlgorithm::kPs256, as_bytes("message"),
                                         as_bytes(signature)));
}

TEST(PublicKey, ReadsPkcs1AndCertificates) {
  const PrivateKey secret = make_key("RSA");
  const std::string signature = sign(secret, "message", {.digest = "SHA256"});
  const auto verifies = [&](const std::string& pem) {
    const auto key = PublicKey::from_pem(pem);
    return key && key->verify(SignatureAlgorithm::kRs256, as_bytes("message"), as_bytes(signature));
  };
  EXPECT_TRUE(verifies(certificate_pem(secret)));
  EXPECT_TRUE(verifies("a comment before\n" + public_pem(secret)));

  unsigned char* der = nullptr;
  const int der_bytes = i2d_PublicKey(secret.get(), &der);
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio(bio.get(), "RSA PUBLIC KEY", "", der, der_bytes);
  OPENSSL_free(der);
  EXPECT_TRUE(verifies(contents(bio.get())));
}

KeyError pem_error(const std::string& pem) {
  const auto key = PublicKey::from_pem(pem);
  EXPECT_FALSE(key.has_value());
  return key.error();
}

TEST(PublicKey, RefusesWhatIsNoPublicKeyInPem) {
  EXPECT_EQ(pem_error(""), KeyError::kNotPem);
  EXPECT_EQ(pem_error("secret"), KeyError::kNotPem);
  EXPECT_EQ(pem_error("-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n"),
            KeyError::kNotPem);
  EXPECT_EQ(pem_error("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"),
            KeyError::kNotPem);
  EXPECT_EQ(pem_error("-----BEGIN PUBLIC KEY-----"), KeyError::kNotPem);
}

TEST(PublicKey, RefusesAPrivateKey) {
  EXPECT_EQ(pem_error(private_pem(make_ec("P-256"))), KeyError::kPrivate);
}

TEST(PublicKey, RefusesOtherTypesAndCurves) {
  EXPECT_EQ(pem_error(public_pem(make_ec("secp256k1"))), KeyError::kUnsupportedType);
  EXPECT_EQ(pem_error(public_pem(make_ed("X25519"))), KeyError::kUnsupportedType);
}

TEST(PublicKey, RefusesRsaUnder2048Bits) {
  EXPECT_EQ(pem_error(public_pem(make_rsa(1024))), KeyError::kWeak);
  EXPECT_EQ(pem_error(public_pem(make_rsa(2047))), KeyError::kWeak);
  EXPECT_TRUE(PublicKey::from_pem(public_pem(make_key("RSA"))).has_value());
}

std::string number_of(const PrivateKey& key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key.get(), name, &number);
  std::string out(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(out.data()));
  BN_free(number);
  return out;
}

KeyError rsa_error(const std::string& modulus, const std::string& exponent) {
  const auto key =
      PublicKey::from_rsa({.modulus = as_bytes(modulus), .exponent = as_bytes(exponent)});
  EXPECT_FALSE(key.has_value());
  return key.error();
}

TEST(PublicKey, TakesTheNumbersOfAnRsaKey) {
  const PrivateKey secret = make_key("RSA");
  const std::string modulus = number_of(secret, OSSL_PKEY_PARAM_RSA_N);
  const std::string exponent = number_of(secret, OSSL_PKEY_PARAM_RSA_E);
  const auto key =
      PublicKey::from_rsa({.modulus = as_bytes(modulus), .exponent = as_bytes(exponent)});
  ASSERT_TRUE(key.has_value());
  const std::string signature = sign(secret, "message", {.digest = "SHA512"});
  EXPECT_TRUE(key->verify(SignatureAlgorithm::kRs512, as_bytes("message"), as_bytes(signature)));

  std::string even = modulus;
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_EQ(rsa_error(even, exponent), KeyError::kInvalid);
  EXPECT_EQ(rsa_error(modulus, "\x02"), KeyError::kInvalid);
  EXPECT_EQ(rsa_error(modulus, "\x01"), KeyError::kInvalid);
  EXPECT_EQ(rsa_error(modulus, modulus + "x"), KeyError::kInvalid);
  EXPECT_EQ(rsa_error(modulus.substr(0, 255), exponent), KeyError::kWeak);
  EXPECT_EQ(rsa_error("", ""), KeyError::kWeak);
  EXPECT_EQ(rsa_error(std::string(2049, '\xff'), exponent), KeyError::kTooLarge);
}

TEST(PublicKey, TakesThePointOfAnEcKey) {
  const PrivateKey secret = make_ec("P-521");
  std::string point(133, '\0');
  size_t size = 0;
  ASSERT_EQ(EVP_PKEY_get_octet_string_param(secret.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                            reinterpret_cast<unsigned char*>(point.data()),
                                            point.size(), &size),
            1);
  const ByteView x = as_bytes(point).subspan(1, 66);
  const ByteView y = as_bytes(point).subspan(67, 66);
  const auto key = PublicKey::from_ec(EcCurve::kP521, {.x = x, .y = y});
  ASSERT_TRUE(key.has_value());
  const std::string signature =
      sign(secret, "message", {.digest = "SHA512", .coordinate_bytes = 66});
  EXPECT_TRUE(key->verify(SignatureAlgorithm::kEs512, as_bytes("message"), as_bytes(signature)));

  const auto error_of = [](EcCurve curve, const EcPoint& at) {
    const auto refused = PublicKey::from_ec(curve, at);
    EXPECT_FALSE(refused.has_value());
    return refused.error();
  };
  EXPECT_EQ(error_of(EcCurve::kP521, {.x = y, .y = x}), KeyError::kInvalid);
  EXPECT_EQ(error_of(EcCurve::kP521, {.x = x.subspan(1), .y = y}), KeyError::kInvalid);
  EXPECT_EQ(error_of(EcCurve::kP384, {.x = x, .y = y}), KeyError::kInvalid);
  EXPECT_EQ(error_of(EcCurve::kP256, {.x = x.first(32), .y = y.first(32)}), KeyError::kInvalid);
}

TEST(PublicKey, TakesAnEdKeyOfExactlyItsLength) {
  const std::string key(32, '\x11');
  EXPECT_TRUE(PublicKey::from_ed(EdCurve::kEd25519, as_bytes(key)).has_value());
  EXPECT_TRUE(
      PublicKey::from_ed(EdCurve::kEd448, as_bytes(key + std::string(25, 'x'))).has_value());
  for (const size_t size : {0U, 31U, 33U, 57U}) {
    const auto refused = PublicKey::from_ed(EdCurve::kEd25519, as_bytes(std::string(size, 'x')));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error(), KeyError::kInvalid);
  }
}

TEST(PublicKey, ExplainsEveryError) {
  for (const KeyError error : {KeyError::kNotPem, KeyError::kPrivate, KeyError::kUnsupportedType,
                               KeyError::kWeak, KeyError::kTooLarge, KeyError::kInvalid}) {
    EXPECT_FALSE(explain(error).empty());
  }
}

}  // namespace
}  // namespace carillon::crypto
