#include "carillon/auth/identity_claims.h"

#include <optional>
#include <string>
#include <utility>

namespace carillon::auth {
namespace {

Result<std::string, AuthError> read_user_id(const json::Value* claim) {
  if (claim == nullptr) return Err(AuthError::kNoUser);
  if (const std::string* text = claim->as_string()) {
    if (!is_valid_user_id(*text)) return Err(AuthError::kBadUser);
    return *text;
  }
  if (const auto number = claim->as_int64()) return std::to_string(*number);
  if (const auto number = claim->as_uint64()) return std::to_string(*number);
  return Err(AuthError::kBadUser);
}

uint8_t role_bit(std::string_view name) {
  if (name == "student") return kStudent;
  if (name == "mentor") return kMentor;
  if (name == "admin") return kAdmin;
  return 0;
}

// Gathers the grants of one token.
class RoleReader {
 public:
  RoleReader(const json::Value& claims, Identity& identity, uint64_t& ignored_claims)
      : claims_(claims), identity_(identity), ignored_claims_(ignored_claims) {}

  void read() {
    read_flag("is_staff");
    read_flag("is_superuser");
    if (const json::Value* role = claims_.find("role")) read_name(*role);
    if (const json::Value* roles = claims_.find("roles")) read_list(*roles);
    if ((identity_.roles & kAdmin) != 0) identity_.is_staff = true;
  }

 private:
  void read_flag(std::string_view name) {
    const json::Value* claim = claims_.find(name);
    if (claim == nullptr) return;
    const std::optional<bool> flag = claim->as_bool();
    if (!flag) ++ignored_claims_;
    if (flag.value_or(false)) identity_.is_staff = true;
  }

  void read_name(const json::Value& claim) {
    const std::string* name = claim.as_string();
    if (name == nullptr) {
      ++ignored_claims_;
      return;
    }
    if (name->empty()) return;
    identity_.roles = static_cast<uint8_t>(identity_.roles | role_bit(*name));
    identity_.is_role_known = true;
  }

  void read_list(const json::Value& claim) {
    const json::Value::Array* names = claim.as_array();
    if (names == nullptr) {
      ++ignored_claims_;
      return;
    }
    identity_.is_role_known = true;  // an empty list says that there is none
    for (const json::Value& name : *names) read_name(name);
  }

  const json::Value& claims_;
  Identity& identity_;
  uint64_t& ignored_claims_;
};

}  // namespace

Result<Identity, AuthError> read_identity(const json::Value& claims,
                                          std::string_view user_id_claim,
                                          uint64_t& ignored_claims) {
  Identity identity;
  CARILLON_TRY(identity.user_id, read_user_id(claims.find(user_id_claim)));
  RoleReader(claims, identity, ignored_claims).read();
  return identity;
}

}  // namespace carillon::auth
