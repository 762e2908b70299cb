#include "carillon/auth/session_credentials.h"

#include "carillon/auth/token_source.h"
#include "carillon/http/cookie.h"

namespace carillon::auth {

std::optional<SessionCredentials> find_session_credentials(
    const http::Request& request, std::span<const std::string> cookie_names) {
  SessionCredentials found;
  if (request.header_count("Authorization") != 0) {
    if (request.header_count("Authorization") != 1 || api_key_of(request)) return std::nullopt;
    found.authorization = request.header("Authorization");
    if (found.authorization.empty()) return std::nullopt;
    return found;
  }
  found.cookies = http::select_cookies(request.headers, cookie_names);
  if (found.cookies.empty()) return std::nullopt;
  return found;
}

}  // namespace carillon::auth
