// Who may use an endpoint.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "carillon/auth/identity.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/http/response.h"

namespace carillon::auth {

// Alternatives, of which one is enough. Immutable; any thread.
//
//   authenticated   any user                   self:NAME     the user whose id is the path's {NAME}
//   staff           staff                      mentor:NAME   the same, and a mentor if a role is
//   mentor student  who has that role                        known; student:NAME alike
class Permission {
 public:
  // The error names the word that is not one of the above. An empty list, which would admit nobody,
  // is one, too.
  static Result<Permission, Error> parse(const std::vector<std::string>& allow);

  // `params` are the path's decoded segments, in the order of `param_names`. An alternative whose
  // NAME is not among them admits nobody.
  bool allows(const Identity& identity,
              const std::vector<std::string>& param_names,
              const std::vector<std::string>& params) const;

  // Whether knowing the user's role can change the answer: then the directory is asked for a token
  // without one, and a refusal says that the token carries none.
  bool needs_role() const noexcept;

 private:
  enum class Kind : uint8_t { kAuthenticated, kStaff, kRole, kSelf, kRoleAndSelf };
  struct Alternative {
    Kind kind;
    uint8_t role = 0;  // a RoleBit, where the kind has one
    std::string param =
        {};  // the path parameter that must equal the user id, where the kind has one
  };

  static Result<Alternative, Error> parse_alternative(const std::string& text);

  std::vector<Alternative> alternatives_;
};

// The 403 for an identity that `permission` does not allow:
// {"detail":…,"code":"permission_denied"}. Where a role could have helped and none is known, the
// detail says so and names the setting; `is_directory_asked`: the user directory knows none,
// either.
http::Response permission_problem(const Permission& permission,
                                  const Identity& identity,
                                  bool is_directory_asked = false);

}  // namespace carillon::auth
