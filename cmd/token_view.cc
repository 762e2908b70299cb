#include "cmd/token_view.h"

#include <cmath>

#include "carillon/jwt/token.h"

namespace carillon::cmd {
namespace {

Error malformed(std::string what) {
  return {"malformed", std::move(what)};
}

}  // namespace

std::optional<int64_t> TokenView::time(std::string_view claim) const {
  constexpr double kMax = 9e15;
  const json::Value* value = claims.find(claim);
  if (value == nullptr) return std::nullopt;
  if (const auto seconds = value->as_int64()) return seconds;
  const auto number = value->as_double();
  if (!number || std::abs(*number) > kMax) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::string TokenView::text(std::string_view claim) const {
  const json::Value* value = claims.find(claim);
  if (value == nullptr) return {};
  if (const std::string* text = value->as_string()) return *text;
  if (const std::string* number = value->number_text()) return *number;
  return {};
}

Result<TokenView, Error> read_token(std::string_view token) {
  const auto parts = jwt::split_compact(token);
  if (!parts) {
    return Err(
        malformed("token: is not header.claims.signature; copy it whole, from eyJ to its end"));
  }
  auto header = jwt::parse_object(parts->header);
  if (!header) return Err(malformed("token: its header is not base64url of JSON; copy it whole"));
  auto claims = jwt::parse_object(parts->payload);
  if (!claims) return Err(malformed("token: its claims are not base64url of JSON; copy it whole"));
  return TokenView{*std::move(header), *std::move(claims)};
}

}  // namespace carillon::cmd
