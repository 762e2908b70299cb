// What a verified token says.
#pragma once

#include <cstdint>
#include <optional>

#include "carillon/json/value.h"

namespace carillon::jwt {

// Seconds since the Unix epoch; fractions are cut off (RFC 7519 §2, NumericDate).
struct Claims {
  json::Value object;  // every claim, in the issuer's order; always an object
  std::optional<int64_t> expires_at_s;
  std::optional<int64_t> not_before_s;
  std::optional<int64_t> issued_at_s;
};

}  // namespace carillon::jwt
