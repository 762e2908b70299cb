// Who a connection belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::auth {

enum RoleBit : uint8_t { kStudent = 1, kMentor = 2, kAdmin = 4 };

// One per connection, so it is small; the token itself is not kept.
struct Identity {
  std::string user_id;       // [A-Za-z0-9_.-]{1,64}: it becomes part of a group name
  int64_t expires_at_s = 0;  // the token's `exp`, Unix time
  uint8_t roles = 0;         // RoleBits
  bool is_staff = false;     // is_staff or is_superuser, or the role admin
  // The token (or the directory) named a role, or said that there is none. When false, `roles` is
  // no answer and an id match alone opens a user's own endpoint.
  bool is_role_known = false;
};

inline constexpr size_t kUserIdBytesMax = 64;

// [A-Za-z0-9_.-]{1,64}, wherever a user id comes from: a token, a path, a publisher.
bool is_valid_user_id(std::string_view text) noexcept;

}  // namespace carillon::auth
