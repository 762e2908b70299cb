// What the claims of a verified token say about its user.
#pragma once

#include <cstdint>
#include <string_view>

#include "carillon/auth/auth_error.h"
#include "carillon/auth/identity.h"
#include "carillon/base/result.h"
#include "carillon/json/value.h"

namespace carillon::auth {

// The user id: the claim `user_id_claim`, a string by is_valid_user_id() or an integer of 64 bits,
// which becomes its decimal text. Other errors than kNoUser and kBadUser do not occur.
//
// The roles: `is_staff` and `is_superuser` (booleans), `role` (string) and `roles` (list of
// strings), whose grants add up. A role of another name than ours grants nothing, but is known; an
// empty one is none. A claim or list element of another JSON type is ignored and counted into
// `ignored_claims`. `expires_at_s` is left for the caller.
Result<Identity, AuthError> read_identity(const json::Value& claims,
                                          std::string_view user_id_claim,
                                          uint64_t& ignored_claims);

}  // namespace carillon::auth
