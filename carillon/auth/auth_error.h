// Why a request is nobody's, and what it is told.
#pragma once

#include <cstdint>
#include <string_view>

#include "carillon/http/response.h"

namespace carillon::auth {

enum class AuthError : uint8_t {
  kMissing,
  kBadHeader,  // Authorization: Bearer with no token or more than one
  kMalformed,
  kTooLarge,
  kSignature,
  kAlgorithm,
  kExpired,
  kNotYetValid,
  kIssuedInFuture,
  kIssuer,
  kAudience,
  kWrongType,
  kNoType,
  kNoId,
  kNoUser,
  kBadUser,
  kNoExpiry,
  kUnknownKey,
  kUnsupported,           // `crit`, or a JWE
  kUserNotFound,          // the directory knows no such user
  kUserInactive,          // the directory says that the user may not sign in
  kSession,               // the backend does not accept the session's cookie or Authorization
  kDirectoryUnavailable,  // nobody could say who the user is or which role he has
};

// The answer on an API or a handshake: simplejwt 5.5's own bodies with 401 and WWW-Authenticate,
// and 503 with Retry-After for kDirectoryUnavailable. Never any part of the token.
http::Response problem_for(AuthError error);

// One line for the person who can mend it: what is wrong with the token and what to do.
std::string_view explain(AuthError error);

// Stable and snake_case, for metrics, logs and --json: "expired".
std::string_view slug(AuthError error);

}  // namespace carillon::auth
