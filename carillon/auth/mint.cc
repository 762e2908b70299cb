#include "carillon/auth/mint.h"

#include <optional>

#include "carillon/base/random.h"
#include "carillon/json/writer.h"
#include "carillon/jwt/algorithm.h"
#include "carillon/jwt/signer.h"

namespace carillon::auth {
namespace {

constexpr size_t kJtiBytes = 16;  // printed as 32 hexadecimal digits, as uuid4().hex is

std::optional<crypto::HashAlgorithm> first_hash(const std::vector<std::string>& algorithms) {
  for (const std::string& name : algorithms) {
    const auto algorithm = jwt::parse_algorithm(name);
    if (!algorithm) continue;
    if (const auto hash = jwt::hmac_hash_of(*algorithm)) return hash;
  }
  return std::nullopt;
}

void append_claim(std::string& out, std::string_view name, std::string_view value) {
  out += ',';
  json::append_json_string(out, name);
  out += ':';
  json::append_json_string(out, value);
}

}  // namespace

std::string mint_token(const config::AuthSettings& settings, const MintRequest& request) {
  const auto hash = first_hash(settings.algorithms);
  if (!hash || settings.secret_key.empty()) return {};
  const std::string type = settings.token_types.empty() ? "access" : settings.token_types.front();
  std::string claims = R"({"token_type":)";
  json::append_json_string(claims, type);
  claims += R"(,"exp":)" + std::to_string(request.now_s + request.ttl_s);
  claims += R"(,"iat":)" + std::to_string(request.now_s);
  append_claim(claims, "jti", random_hex(kJtiBytes));
  append_claim(claims, settings.user_id_claim, request.user_id);
  if (!request.role.empty()) append_claim(claims, "role", request.role);
  if (request.is_staff) claims += R"(,"is_staff":true)";
  if (!settings.audience.empty()) append_claim(claims, "aud", settings.audience);
  if (!settings.issuer.empty()) append_claim(claims, "iss", settings.issuer);
  claims += '}';
  return jwt::sign_hs(*hash, settings.secret_key.reveal(), claims);
}

}  // namespace carillon::auth
