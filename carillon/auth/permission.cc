#include "carillon/auth/permission.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace carillon::auth {
namespace {

bool is_param(const Identity& identity,
              std::string_view name,
              const std::vector<std::string>& names,
              const std::vector<std::string>& values) {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<size_t>(found - names.begin());
  return index < std::min(names.size(), values.size()) && values[index] == identity.user_id;
}

}  // namespace

Result<Permission::Alternative, Error> Permission::parse_alternative(const std::string& text) {
  if (text == "authenticated") return Alternative{.kind = Kind::kAuthenticated};
  if (text == "staff") return Alternative{.kind = Kind::kStaff};
  if (text == "mentor") return Alternative{.kind = Kind::kRole, .role = kMentor};
  if (text == "student") return Alternative{.kind = Kind::kRole, .role = kStudent};
  const size_t colon = text.find(':');
  const std::string_view word = std::string_view(text).substr(0, colon);
  std::string param = colon == std::string::npos ? std::string() : text.substr(colon + 1);
  if (!param.empty()) {
    if (word == "self") return Alternative{.kind = Kind::kSelf, .param = std::move(param)};
    const uint8_t role = word == "mentor" ? kMentor : word == "student" ? kStudent : 0;
    if (role != 0) {
      return Alternative{.kind = Kind::kRoleAndSelf, .role = role, .param = std::move(param)};
    }
  }
  return Err(Error{"bad_permission",
                   "\"" + text +
                       "\" says nobody: use authenticated, staff, mentor, student, mentor:NAME, "
                       "student:NAME or self:NAME, where NAME is a parameter of the path"});
}

Result<Permission, Error> Permission::parse(const std::vector<std::string>& allow) {
  if (allow.empty()) {
    return Err(Error{"bad_permission",
                     "nobody may connect: name at least one of authenticated, staff, mentor, "
                     "student, mentor:NAME, student:NAME, self:NAME"});
  }
  Permission permission;
  for (const std::string& text : allow) {
    CARILLON_TRY(Alternative alternative, parse_alternative(text));
    permission.alternatives_.push_back(std::move(alternative));
  }
  return permission;
}

bool Permission::allows(const Identity& identity,
                        const std::vector<std::string>& param_names,
                        const std::vector<std::string>& params) const {
  const auto admits = [&](const Alternative& alternative) {
    const bool has_role = (identity.roles & alternative.role) != 0;
    switch (alternative.kind) {
      case Kind::kAuthenticated:
        return true;
      case Kind::kStaff:
        return identity.is_staff;
      case Kind::kRole:
        return has_role;
      case Kind::kSelf:
        return is_param(identity, alternative.param, param_names, params);
      case Kind::kRoleAndSelf:
        return (has_role || !identity.is_role_known) &&
               is_param(identity, alternative.param, param_names, params);
    }
    return false;
  };
  return std::any_of(alternatives_.begin(), alternatives_.end(), admits);
}

bool Permission::needs_role() const noexcept {
  const auto is_of = [this](Kind kind) {
    return std::any_of(alternatives_.begin(), alternatives_.end(),
                       [kind](const auto& each) { return each.kind == kind; });
  };
  if (is_of(Kind::kAuthenticated)) return false;
  return is_of(Kind::kStaff) || is_of(Kind::kRole) || is_of(Kind::kRoleAndSelf);
}

http::Response permission_problem(const Permission& permission,
                                  const Identity& identity,
                                  bool is_directory_asked) {
  std::string detail = "You do not have permission to perform this action.";
  if (permission.needs_role() && !identity.is_role_known) {
    detail += " The token carries no role (is_staff, role, roles) and ";
    detail += is_directory_asked ? "the user directory (auth.directory) knows none."
                                 : "auth.directory, the setting that says who else knows it, names "
                                   "none.";
  }
  return http::problem(403, detail, "permission_denied");
}

}  // namespace carillon::auth
