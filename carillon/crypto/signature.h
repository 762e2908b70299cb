// Public keys and the signatures they verify (RFC 7518 §3.3-3.5, RFC 8037).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/base/result.h"

// OpenSSL's own name for EVP_PKEY; its headers stay inside the sources.
struct evp_pkey_st;

namespace carillon::crypto {

enum class SignatureAlgorithm : uint8_t {
  kRs256,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,
};

enum class KeyError : uint8_t {
  kNotPem,           // no PEM block of a public key or certificate
  kPrivate,          // a private key: only the public half belongs on a verifier
  kUnsupportedType,  // neither RSA, nor P-256/384/521, nor Ed25519/Ed448
  kWeak,             // RSA under 2048 bits (RFC 7518 §3.3)
  kTooLarge,         // RSA over 16384 bits: verifying would cost a denial of service
  kInvalid,          // the numbers are no key: not on the curve, even exponent, wrong length
};

// One line: what is wrong with the key and what to give instead.
std::string_view explain(KeyError error);

inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 16384;

enum class EcCurve : uint8_t { kP256, kP384, kP521 };
enum class EdCurve : uint8_t { kEd25519, kEd448 };

// The two numbers of an RSA key, big endian without sign, as a JWK has them.
struct RsaNumbers {
  ByteView modulus;
  ByteView exponent;
};

// The coordinates of a point, each of exactly the curve's length (32, 48, 66).
struct EcPoint {
  ByteView x;
  ByteView y;
};

// An immutable verified-on-entry key. Copies share it; any thread.
class PublicKey {
 public:
  // `PUBLIC KEY`, `RSA PUBLIC KEY` or `CERTIFICATE`, the first block of the text.
  static Result<PublicKey, KeyError> from_pem(std::string_view pem);
  static Result<PublicKey, KeyError> from_rsa(const RsaNumbers& numbers);
  static Result<PublicKey, KeyError> from_ec(EcCurve curve, const EcPoint& point);
  static Result<PublicKey, KeyError> from_ed(EdCurve curve, ByteView key);

  // Whether this is the kind of key that `algorithm` is defined for; ES256 takes P-256 only.
  bool supports(SignatureAlgorithm algorithm) const noexcept;

  // ES signatures are r||s, each of the curve's length (RFC 7518 §3.4), not ASN.1. False, too, when
  // the key does not support the algorithm.
  bool verify(SignatureAlgorithm algorithm, ByteView message, ByteView signature) const;

 private:
  enum class Type : uint8_t { kRsa, kP256, kP384, kP521, kEd };
  using KeyPtr = std::shared_ptr<evp_pkey_st>;

  PublicKey(Type type, KeyPtr key) : type_(type), key_(std::move(key)) {}
  static Result<PublicKey, KeyError> check(KeyPtr key);

  Type type_;
  KeyPtr key_;
};

}  // namespace carillon::crypto
