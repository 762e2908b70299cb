// Who says what a user may do when the token does not.
#pragma once

#include <string_view>

#include "carillon/auth/auth_error.h"
#include "carillon/auth/identity.h"
#include "carillon/auth/session_credentials.h"
#include "carillon/base/result.h"
#include "carillon/base/unique_function.h"

namespace carillon::auth {

// What a directory knows of a user.
struct UserRights {
  uint8_t roles = 0;  // RoleBits
  bool is_staff = false;
  bool is_role_known = false;
};

// The seam for databases and backends. One per worker, used on its thread.
class UserDirectory {
 public:
  using Then = UniqueFunction<void(Result<UserRights, AuthError>)>;

  virtual ~UserDirectory() = default;

  // Whether `identity` must be completed by look_up() before a permission that depends on a role
  // is decided.
  virtual bool must_look_up(const Identity& identity) const = 0;

  // Calls `then` exactly once, on this thread, now or later, unless the directory ends first; with
  // kDirectoryUnavailable when nobody can say, which is answered 503 and never 403, and with
  // kUserNotFound or kUserInactive. `user_id` is read before look_up returns.
  virtual void look_up(std::string_view user_id, Then then) = 0;
};

// Whether the user must be looked up: the token says neither that he is staff nor which role he
// has.
bool lacks_role(const Identity& identity) noexcept;

// The seam for sessions that only the backend knows, such as Django's. One per worker, used on its
// thread.
class SessionDirectory {
 public:
  using Then = UniqueFunction<void(Result<Identity, AuthError>)>;

  virtual ~SessionDirectory() = default;

  // Who the holder of `credentials` is. `then` as in UserDirectory::look_up; kSession when they are
  // good for nobody.
  virtual void look_up(const SessionCredentials& credentials, Then then) = 0;
};

// Asks nobody: without claims a user is nobody's staff and has no known role.
class ClaimsDirectory final : public UserDirectory {
 public:
  bool must_look_up(const Identity& identity) const override;
  void look_up(std::string_view user_id, Then then) override;
};

}  // namespace carillon::auth
