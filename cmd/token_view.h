// A token's header and claims, read without its key: nothing in them is to be trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/json/value.h"

namespace carillon::cmd {

struct TokenView {
  json::Value header;
  json::Value claims;

  // A numeric date, cut to whole seconds; nothing when absent or of another type.
  std::optional<int64_t> time(std::string_view claim) const;
  // A string or number claim as text, "" when absent or of another type.
  std::string text(std::string_view claim) const;
};

// The error says what is not as it should be, never a part of the token.
Result<TokenView, Error> read_token(std::string_view token);

}  // namespace carillon::cmd
