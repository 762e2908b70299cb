#include "carillon/jwt/signer.h"

#include "carillon/base/base64.h"
#include "carillon/base/bytes.h"
#include "carillon/crypto/hmac.h"

namespace carillon::jwt {
namespace {

std::string_view header_of(crypto::HashAlgorithm hash) {
  switch (hash) {
    case crypto::HashAlgorithm::kSha256:
      return R"({"alg":"HS256","typ":"JWT"})";
    case crypto::HashAlgorithm::kSha384:
      return R"({"alg":"HS384","typ":"JWT"})";
    case crypto::HashAlgorithm::kSha512:
      return R"({"alg":"HS512","typ":"JWT"})";
  }
  return {};
}

}  // namespace

std::string sign_hs(crypto::HashAlgorithm hash,
                    std::string_view secret,
                    std::string_view claims_json) {
  std::string token = base64url_encode(as_bytes(header_of(hash)));
  token += '.';
  token += base64url_encode(as_bytes(claims_json));
  const crypto::Mac mac = crypto::HmacKey::make(hash, as_bytes(secret)).sign(as_bytes(token));
  token += '.';
  token += base64url_encode(mac.view());
  return token;
}

std::string sign_hs256(std::string_view secret, std::string_view claims_json) {
  return sign_hs(crypto::HashAlgorithm::kSha256, secret, claims_json);
}

}  // namespace carillon::jwt
