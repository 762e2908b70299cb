// Between what is kept of a user, an identity, and what a directory tells, his rights.
#pragma once

#include <string>
#include <string_view>

#include "carillon/auth/user_directory.h"
#include "carillon/directory/directory_answer.h"

namespace carillon::directory {

inline Result<auth::UserRights, auth::AuthError> rights_of(const Answer& answer) {
  if (!answer) return Err(answer.error());
  return auth::UserRights{
      .roles = answer->roles, .is_staff = answer->is_staff, .is_role_known = answer->is_role_known};
}

inline Answer answer_of(std::string_view user_id,
                        const Result<auth::UserRights, auth::AuthError>& rights) {
  if (!rights) return Err(rights.error());
  return auth::Identity{.user_id = std::string(user_id),
                        .expires_at_s = 0,
                        .roles = rights->roles,
                        .is_staff = rights->is_staff,
                        .is_role_known = rights->is_role_known};
}

}  // namespace carillon::directory
