#include "carillon/auth/user_directory.h"

namespace carillon::auth {

bool ClaimsDirectory::must_look_up(const Identity&) const {
  return false;
}

void ClaimsDirectory::look_up(std::string_view, Then then) {
  then(UserRights{});
}

}  // namespace carillon::auth
