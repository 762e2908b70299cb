#include "carillon/auth/auth_error.h"

#include <string>

#include "carillon/json/value.h"

namespace carillon::auth {
namespace {

// simplejwt's message inside "messages", from version 5.5 on.
std::string_view token_message(AuthError error) {
  switch (error) {
    case AuthError::kExpired:
      return "Token is expired";
    case AuthError::kWrongType:
      return "Token has wrong type";
    case AuthError::kNoType:
      return "Token has no type";
    case AuthError::kNoId:
      return "Token has no id";
    case AuthError::kNoExpiry:
      return "Token has no 'exp' claim";
    case AuthError::kMissing:
    case AuthError::kBadHeader:
    case AuthError::kMalformed:
    case AuthError::kTooLarge:
    case AuthError::kSignature:
    case AuthError::kAlgorithm:
    case AuthError::kNotYetValid:
    case AuthError::kIssuedInFuture:
    case AuthError::kIssuer:
    case AuthError::kAudience:
    case AuthError::kNoUser:
    case AuthError::kBadUser:
    case AuthError::kUnknownKey:
    case AuthError::kUnsupported:
    case AuthError::kUserNotFound:
    case AuthError::kUserInactive:
    case AuthError::kSession:
    case AuthError::kDirectoryUnavailable:
      return "Token is invalid";
  }
  return "";
}

http::Response invalid_token(AuthError error) {
  json::Value message = json::Value::object();
  message.set("token_class", "AccessToken");
  message.set("token_type", "access");
  message.set("message", token_message(error));
  json::Value::Array messages;
  messages.push_back(std::move(message));
  json::Value body = json::Value::object();
  body.set("detail", "Given token not valid for any token type");
  body.set("code", "token_not_valid");
  body.set("messages", json::Value::array(std::move(messages)));
  return http::json_response(401, body);
}

http::Response body_for(AuthError error) {
  if (error == AuthError::kMissing) {
    return http::problem(401, "Authentication credentials were not provided.", "");
  }
  if (error == AuthError::kBadHeader) {
    return http::problem(401, "Authorization header must contain two space-delimited values",
                         "bad_authorization_header");
  }
  if (error == AuthError::kNoUser || error == AuthError::kBadUser) {
    return http::problem(401, "Token contained no recognizable user identification",
                         "token_not_valid");
  }
  if (error == AuthError::kUserNotFound) {
    return http::problem(401, "User not found", "user_not_found");
  }
  if (error == AuthError::kUserInactive) {
    return http::problem(401, "User is inactive", "user_inactive");
  }
  if (error == AuthError::kSession) {
    return http::problem(401, "The session is not valid or has ended.", "authentication_failed");
  }
  return invalid_token(error);
}

}  // namespace

http::Response problem_for(AuthError error) {
  if (error == AuthError::kDirectoryUnavailable) {
    http::Response response = http::problem(
        503, "The user directory cannot be reached; try again later.", "directory_unavailable");
    response.headers.emplace_back("Retry-After", "5");
    return response;
  }
  http::Response response = body_for(error);
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"api\"");
  return response;
}

std::string_view explain(AuthError error) {
  switch (error) {
    case AuthError::kMissing:
      return "there is no token: send ?token=… or the header Authorization: Bearer …";
    case AuthError::kBadHeader:
      return "the Authorization header is not exactly \"Bearer\", a space and one token";
    case AuthError::kMalformed:
      return "it is not a signed JSON Web Token: three base64url parts with dots between, JSON "
             "inside, dates as numbers; copy it whole";
    case AuthError::kTooLarge:
      return "it is longer than auth.token_bytes_max: put fewer claims into it, or raise the limit";
    case AuthError::kSignature:
      return "its signature does not verify: issuer and server must have the same SECRET_KEY (or "
             "the public key that belongs to the issuer's private one)";
    case AuthError::kAlgorithm:
      return "its alg is not one of auth.algorithms: add the issuer's algorithm there";
    case AuthError::kExpired:
      return "it has expired: get a new one; if it is fresh, compare the clocks and set "
             "auth.leeway";
    case AuthError::kNotYetValid:
      return "its nbf is in the future: compare the clocks of issuer and server, or set "
             "auth.leeway";
    case AuthError::kIssuedInFuture:
      return "its iat is in the future: compare the clocks of issuer and server, or set "
             "auth.leeway";
    case AuthError::kIssuer:
      return "its iss is not auth.issuer";
    case AuthError::kAudience:
      return "its aud does not hold auth.audience";
    case AuthError::kWrongType:
      return "its token_type is not one of auth.token_types: use the access token, not the refresh "
             "token";
    case AuthError::kNoType:
      return "it has no token_type: if its issuer is not simplejwt, set auth.require_token_type = "
             "false";
    case AuthError::kNoId:
      return "it has no jti: if its issuer is not simplejwt, set auth.require_jti = false";
    case AuthError::kNoUser:
      return "it has no user id: set auth.user_id_claim to the name of the claim that holds it";
    case AuthError::kBadUser:
      return "its user id is neither an integer nor a text of 1 to 64 letters, digits, '_', '.', "
             "'-'";
    case AuthError::kNoExpiry:
      return "it has no exp: a token must end";
    case AuthError::kUnknownKey:
      return "no key is configured for its kid and alg: look at auth.key_set_file";
    case AuthError::kUnsupported:
      return "it is encrypted (JWE) or has crit in its header, which is not supported";
    case AuthError::kUserNotFound:
      return "the user directory has no such user: look at auth.directory";
    case AuthError::kUserInactive:
      return "the user directory says that the user is inactive (is_active)";
    case AuthError::kSession:
      return "the backend at auth.http_url does not accept the session: sign in again";
    case AuthError::kDirectoryUnavailable:
      return "the user directory cannot be reached: look at auth.directory and auth.http_url";
  }
  return "";
}

std::string_view slug(AuthError error) {
  switch (error) {
    case AuthError::kMissing:
      return "missing";
    case AuthError::kBadHeader:
      return "bad_header";
    case AuthError::kMalformed:
      return "malformed";
    case AuthError::kTooLarge:
      return "too_large";
    case AuthError::kSignature:
      return "signature";
    case AuthError::kAlgorithm:
      return "algorithm";
    case AuthError::kExpired:
      return "expired";
    case AuthError::kNotYetValid:
      return "not_yet_valid";
    case AuthError::kIssuedInFuture:
      return "issued_in_future";
    case AuthError::kIssuer:
      return "issuer";
    case AuthError::kAudience:
      return "audience";
    case AuthError::kWrongType:
      return "wrong_type";
    case AuthError::kNoType:
      return "no_type";
    case AuthError::kNoId:
      return "no_id";
    case AuthError::kNoUser:
      return "no_user";
    case AuthError::kBadUser:
      return "bad_user";
    case AuthError::kNoExpiry:
      return "no_expiry";
    case AuthError::kUnknownKey:
      return "unknown_key";
    case AuthError::kUnsupported:
      return "unsupported";
    case AuthError::kUserNotFound:
      return "user_not_found";
    case AuthError::kUserInactive:
      return "user_inactive";
    case AuthError::kSession:
      return "session";
    case AuthError::kDirectoryUnavailable:
      return "directory_unavailable";
  }
  return "";
}

}  // namespace carillon::auth
