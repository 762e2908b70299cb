// Where a request carries its credentials.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "carillon/auth/auth_error.h"
#include "carillon/base/result.h"
#include "carillon/http/request.h"

namespace carillon::auth {

// The token of a request, first found wins: `?token=` (percent-decoded), then
// `Authorization: Bearer`. An empty `?token=` is none. As in simplejwt the word Bearer is
// case-sensitive, another scheme is no credential (kMissing), and anything but exactly one token
// after it is kBadHeader.
Result<std::string, AuthError> find_token(const http::Request& request);

// The same, for callers that tell only "a token" from "none".
std::optional<std::string> token_of(const http::Request& request);

// The key of `Authorization: Api-Key <key>`; a view into the request.
std::optional<std::string_view> api_key_of(const http::Request& request);

}  // namespace carillon::auth
