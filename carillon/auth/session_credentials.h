// What a request carries that only the backend can judge: a session's cookie, or an Authorization
// that is no token of ours.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "carillon/http/request.h"

namespace carillon::auth {

// One of the two; the other is empty. Never logged.
struct SessionCredentials {
  std::string authorization;  // the field's whole value
  std::string cookies;        // "sessionid=…", the configured ones alone
};

// An Authorization of any scheme but Api-Key, which is ours, comes first: who sends one means it,
// while cookies come along by themselves. Two Authorization fields are none.
std::optional<SessionCredentials> find_session_credentials(
    const http::Request& request, std::span<const std::string> cookie_names);

}  // namespace carillon::auth
