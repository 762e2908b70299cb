#include "carillon/jwt/key_set.h"

#include <algorithm>
#include <utility>

#include "carillon/base/base64.h"
#include "carillon/json/reader.h"
#include "carillon/json/value.h"

namespace carillon::jwt {
namespace {

using crypto::KeyError;
using crypto::PublicKey;

// A member that is a string; empty when absent or of another type.
std::string_view text_of(const json::Value& jwk, std::string_view name) {
  const json::Value* member = jwk.find(name);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

// The bytes of a base64url member; empty when absent or malformed, which no key survives.
std::string bytes_of(const json::Value& jwk, std::string_view name) {
  return base64url_decode(text_of(jwk, name)).value_or(std::string());
}

// RFC 7517 §4.2, §4.3: a key that says what it is for says whether it is for verifying.
bool is_for_verifying(const json::Value& jwk) {
  const json::Value* use = jwk.find("use");
  if (use != nullptr && text_of(jwk, "use") != "sig") return false;
  const json::Value* operations = jwk.find("key_ops");
  if (operations == nullptr) return true;
  const json::Value::Array* list = operations->as_array();
  return list != nullptr && std::any_of(list->begin(), list->end(), [](const json::Value& each) {
           return each.as_string() != nullptr && *each.as_string() == "verify";
         });
}

Result<PublicKey, KeyError> read_rsa(const json::Value& jwk) {
  const std::string modulus = bytes_of(jwk, "n");
  const std::string exponent = bytes_of(jwk, "e");
  return PublicKey::from_rsa({.modulus = as_bytes(modulus), .exponent = as_bytes(exponent)});
}

Result<PublicKey, KeyError> read_ec(const json::Value& jwk) {
  const std::string_view name = text_of(jwk, "crv");
  crypto::EcCurve curve;
  if (name == "P-256") {
    curve = crypto::EcCurve::kP256;
  } else if (name == "P-384") {
    curve = crypto::EcCurve::kP384;
  } else if (name == "P-521") {
    curve = crypto::EcCurve::kP521;
  } else {
    return Err(KeyError::kUnsupportedType);
  }
  const std::string x = bytes_of(jwk, "x");
  const std::string y = bytes_of(jwk, "y");
  return PublicKey::from_ec(curve, {.x = as_bytes(x), .y = as_bytes(y)});
}

Result<PublicKey, KeyError> read_okp(const json::Value& jwk) {
  const std::string_view name = text_of(jwk, "crv");
  if (name != "Ed25519" && name != "Ed448") return Err(KeyError::kUnsupportedType);
  const auto curve = name == "Ed25519" ? crypto::EdCurve::kEd25519 : crypto::EdCurve::kEd448;
  const std::string x = bytes_of(jwk, "x");
  return PublicKey::from_ed(curve, as_bytes(x));
}

// `oct` is left out with the unknown ones: a secret has no place in a set of public keys.
Result<PublicKey, KeyError> read_key(const json::Value& jwk) {
  const std::string_view kty = text_of(jwk, "kty");
  if (kty == "RSA") return read_rsa(jwk);
  if (kty == "EC") return read_ec(jwk);
  if (kty == "OKP") return read_okp(jwk);
  return Err(KeyError::kUnsupportedType);
}

Error key_error(std::string_view kid, std::string_view what) {
  return {"bad_key", "the key \"" + std::string(kid) + "\" of the set " + std::string(what)};
}

// Empty when the key is not for us to use.
Result<std::optional<VerificationKey>, Error> read_jwk(const json::Value& jwk) {
  using Read = Result<std::optional<VerificationKey>, Error>;
  const std::string_view kid = text_of(jwk, "kid");
  const bool names_algorithm = jwk.find("alg") != nullptr;
  const std::optional<Algorithm> algorithm = parse_algorithm(text_of(jwk, "alg"));
  const bool is_unknown = names_algorithm && !algorithm;
  if (kid.empty() || is_unknown || !is_for_verifying(jwk)) return Read(std::nullopt);
  auto key = read_key(jwk);
  if (!key && key.error() == KeyError::kUnsupportedType) return Read(std::nullopt);
  if (!key) return Err(key_error(kid, explain(key.error())));
  if (jwk.find("d") != nullptr) return Err(key_error(kid, explain(KeyError::kPrivate)));
  VerificationKey entry{.kid = std::string(kid), .algorithm = algorithm, .key = std::move(*key)};
  if (algorithm && !entry.accepts(*algorithm)) {
    return Err(key_error(kid, "names an alg that is not for its kty and crv"));
  }
  return Read(std::move(entry));
}

}  // namespace

bool VerificationKey::accepts(Algorithm wanted) const {
  if (algorithm && *algorithm != wanted) return false;
  const auto signature = signature_of(wanted);
  return signature && key.supports(*signature);
}

Result<KeySet, Error> KeySet::from_pem(std::string_view pem) {
  auto key = PublicKey::from_pem(pem);
  if (!key) return Err(Error{"bad_key", "the key " + std::string(explain(key.error()))});
  KeySet set;
  set.keys_.push_back({.kid = {}, .algorithm = std::nullopt, .key = std::move(*key)});
  return set;
}

Result<KeySet, Error> KeySet::from_jwk_set(std::string_view text) {
  const auto document = json::parse(text);
  const json::Value* list = document ? document->find("keys") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return Err(Error{"bad_key_set", "it is not a JWK set: a JSON object {\"keys\":[…]}"});
  }
  KeySet set;
  set.is_by_kid_ = true;
  for (const json::Value& jwk : *list->as_array()) {
    CARILLON_TRY(std::optional<VerificationKey> key, read_jwk(jwk));
    if (!key) continue;
    const auto same_kid = [&](const VerificationKey& other) { return other.kid == key->kid; };
    if (std::any_of(set.keys_.begin(), set.keys_.end(), same_kid)) {
      return Err(key_error(key->kid, "is there twice: give each key its own kid"));
    }
    set.keys_.push_back(std::move(*key));
  }
  if (set.keys_.empty()) {
    return Err(
        Error{"bad_key_set", "the set holds no usable key: kid, kty RSA, EC or OKP, and use sig"});
  }
  return set;
}

const VerificationKey* KeySet::find(const std::optional<std::string>& kid,
                                    Algorithm algorithm) const {
  for (const VerificationKey& key : keys_) {
    if (is_by_kid_ && (!kid || key.kid != *kid)) continue;
    return key.accepts(algorithm) ? &key : nullptr;
  }
  return nullptr;
}

bool KeySet::supports(Algorithm algorithm) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const VerificationKey& key) { return key.accepts(algorithm); });
}

}  // namespace carillon::jwt
