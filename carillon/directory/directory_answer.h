// What a directory says of a user: a row of a database, or the JSON of a backend.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/auth/auth_error.h"
#include "carillon/auth/identity.h"
#include "carillon/base/result.h"
#include "carillon/store/row.h"

namespace carillon::directory {

// Who it is and what he may; or kUserNotFound, kUserInactive, kSession, and kDirectoryUnavailable
// when nobody can say.
using Answer = Result<auth::Identity, auth::AuthError>;

// Why a text is no answer. Its sender is at fault, not the user.
enum class AnswerError : uint8_t {
  kNotJson,
  kNoUser,     // no user_id, or one that is none
  kOtherUser,  // of whom nobody asked
  kBadExpiry,
};

struct AnswerContext {
  std::string_view user_id;  // who was asked about; empty: the answer must say
  int64_t now_s = 0;         // Unix time, for expires_in
};

// {"user_id","role","is_staff","expires_in"}, and "is_superuser", "roles", "is_active". Roles are
// read as claims are; null is as good as absent. Without expires_in `expires_at_s` is 0; with one
// that is not above 0 the session has ended.
Result<Answer, AnswerError> parse_answer(std::string_view text, const AnswerContext& context);

// The columns is_active, is_staff, is_superuser, role and roles, each if it is there. A column id
// or user_id must be `user_id` as text: a database takes 07 for 7.
Answer read_row(const store::Row& row, std::string_view user_id);

// One line for whoever looks after the backend; nothing of the text.
std::string_view explain(AnswerError error);

// An answer as it is kept outside of the process; parse_kept() of anything else fails. An identity
// that ends is kept with that time. Not for kDirectoryUnavailable.
std::string keep(const Answer& answer);
Result<Answer, AnswerError> parse_kept(std::string_view text);

}  // namespace carillon::directory
