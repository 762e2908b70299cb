#include "carillon/jwt/token.h"

#include <algorithm>
#include <utility>

#include "carillon/base/base64.h"
#include "carillon/json/reader.h"

namespace carillon::jwt {
namespace {

// Far above any real token, far below what would cost the stack or the loop's turn.
constexpr json::ParseLimits kLimits = {.depth_max = 16, .bytes_max = 1 << 16};

}  // namespace

Result<CompactToken, JwtError> split_compact(std::string_view token) {
  switch (std::count(token.begin(), token.end(), '.')) {
    case 2:
      break;
    case 4:
      return Err(JwtError::kUnsupported);  // RFC 7516 §9: five parts are an encrypted token
    default:
      return Err(JwtError::kMalformed);
  }
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  CompactToken parts{.header = token.substr(0, first),
                     .payload = token.substr(first + 1, last - first - 1),
                     .signature = token.substr(last + 1),
                     .signing_input = token.substr(0, last)};
  if (parts.header.empty() || parts.payload.empty()) return Err(JwtError::kMalformed);
  return parts;
}

Result<json::Value, JwtError> parse_object(std::string_view text) {
  const std::optional<std::string> decoded = base64url_decode(text);
  if (!decoded) return Err(JwtError::kMalformed);
  auto parsed = json::parse(*decoded, kLimits);
  if (!parsed || !parsed->is_object()) return Err(JwtError::kMalformed);
  return std::move(*parsed);
}

Result<Header, JwtError> parse_header(std::string_view text) {
  CARILLON_TRY(const json::Value object, parse_object(text));
  const json::Value* alg = object.find("alg");
  if (alg == nullptr || !alg->is_string()) return Err(JwtError::kMalformed);
  if (object.find("crit") != nullptr) return Err(JwtError::kUnsupported);
  Header header{.alg = *alg->as_string(), .kid = std::nullopt};
  if (const json::Value* kid = object.find("kid")) {
    if (!kid->is_string()) return Err(JwtError::kMalformed);
    header.kid = *kid->as_string();
  }
  return header;
}

}  // namespace carillon::jwt
