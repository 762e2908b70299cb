// Issuing tokens signed with a shared secret.
#pragma once

#include <string>
#include <string_view>

#include "carillon/crypto/hash.h"

namespace carillon::jwt {

// The compact token over `claims_json` (a JSON object, taken as it is), with exactly simplejwt's
// header: {"alg":"HS256","typ":"JWT"}.
std::string sign_hs(crypto::HashAlgorithm hash,
                    std::string_view secret,
                    std::string_view claims_json);
std::string sign_hs256(std::string_view secret, std::string_view claims_json);

}  // namespace carillon::jwt
