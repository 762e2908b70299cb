// Tokens of our own, shaped as simplejwt's, for the commands and the demonstration.
#pragma once

#include <cstdint>
#include <string>

#include "carillon/config/settings.h"

namespace carillon::auth {

struct MintRequest {
  std::string user_id;
  std::string role;       // empty: no such claim
  bool is_staff = false;  // the claim is there only when true
  int64_t ttl_s = 300;
  int64_t now_s = 0;  // Unix time
};

// An access token with simplejwt's claims in its order (token_type, exp, iat, jti, the user id as a
// string, then role and is_staff, aud and iss when configured), signed with the first HS algorithm
// of the settings. Empty when they have none or no secret: only a shared secret can sign.
std::string mint_token(const config::AuthSettings& settings, const MintRequest& request);

}  // namespace carillon::auth
