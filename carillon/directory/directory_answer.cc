#include "carillon/directory/directory_answer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "carillon/auth/identity_claims.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::directory {
namespace {

using auth::AuthError;

constexpr double kLongestSession_s = 1e9;  // 31 years
constexpr std::array kRoleNames = {
    std::pair{auth::kStudent, std::string_view("student")},
    std::pair{auth::kMentor, std::string_view("mentor")},
    std::pair{auth::kAdmin, std::string_view("admin")},
};
// Those that may be kept; never that nobody could say.
constexpr std::array kKept = {AuthError::kUserNotFound, AuthError::kUserInactive,
                              AuthError::kSession};

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// As PostgreSQL, SQLite and MySQL print booleans.
bool is_true(std::string_view text) {
  const std::string word = to_lower(text);
  return !word.empty() && word != "0" && word != "f" && word != "false" && word != "n" &&
         word != "no";
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

// The words of a list, however it is written: a,b or {a,b} or ["a", "b"].
json::Value words_of(std::string_view text) {
  json::Value words = json::Value::array();
  while (!text.empty()) {
    const auto begin = std::ranges::find_if(text, is_word_char);
    const auto end = std::find_if_not(begin, text.end(), is_word_char);
    if (begin != end) words.as_array()->emplace_back(std::string_view(begin, end));
    text = std::string_view(end, text.end());
  }
  return words;
}

json::Value without_nulls(const json::Value& object) {
  json::Value kept = json::Value::object();
  for (const auto& member : *object.as_object()) {
    if (!member.value.is_null()) kept.set(member.key, member.value);
  }
  return kept;
}

// The time at which the session ends; 0 when the answer does not say.
Result<int64_t, AnswerError> read_expiry(const json::Value& object, int64_t now_s) {
  const json::Value* member = object.find("expires_in");
  if (member == nullptr) return int64_t{0};
  const std::optional<double> seconds = member->as_double();
  if (!seconds) return Err(AnswerError::kBadExpiry);
  const double left_s = std::clamp(std::floor(*seconds), 0.0, kLongestSession_s);
  return now_s + static_cast<int64_t>(left_s);
}

Result<auth::Identity, AnswerError> read_user(json::Value& object, std::string_view asked) {
  if (object.find("user_id") == nullptr && !asked.empty()) {
    object.set("user_id", json::Value(asked));
  }
  uint64_t ignored_count = 0;
  auto identity = auth::read_identity(object, "user_id", ignored_count);
  if (!identity) return Err(AnswerError::kNoUser);
  if (!asked.empty() && identity->user_id != asked) return Err(AnswerError::kOtherUser);
  return *std::move(identity);
}

}  // namespace

Result<Answer, AnswerError> parse_answer(std::string_view text, const AnswerContext& context) {
  auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object()) return Err(AnswerError::kNotJson);
  json::Value object = without_nulls(*parsed);
  CARILLON_TRY(auth::Identity identity, read_user(object, context.user_id));
  CARILLON_TRY(identity.expires_at_s, read_expiry(object, context.now_s));
  const json::Value* is_active = object.find("is_active");
  if (is_active != nullptr && is_active->as_bool() == false) {
    return Answer(Err(AuthError::kUserInactive));
  }
  if (identity.expires_at_s != 0 && identity.expires_at_s <= context.now_s) {
    return Answer(Err(AuthError::kSession));
  }
  return Answer(std::move(identity));
}

Answer read_row(const store::Row& row, std::string_view user_id) {
  for (const std::string_view column : {"id", "user_id"}) {
    const std::string* id = row.find(column);
    if (id != nullptr && *id != user_id) return Err(AuthError::kUserNotFound);
  }
  const std::string* is_active = row.find("is_active");
  if (is_active != nullptr && !is_true(*is_active)) return Err(AuthError::kUserInactive);
  json::Value object = json::Value::object();
  for (const char* flag : {"is_staff", "is_superuser"}) {
    if (const std::string* text = row.find(flag)) object.set(flag, json::Value(is_true(*text)));
  }
  if (const std::string* role = row.find("role")) object.set("role", json::Value(*role));
  if (const std::string* roles = row.find("roles")) object.set("roles", words_of(*roles));
  auto identity = read_user(object, user_id);
  if (!identity) return Err(AuthError::kUserNotFound);
  return *std::move(identity);
}

std::string_view explain(AnswerError error) {
  switch (error) {
    case AnswerError::kNotJson:
      return "the answer is no JSON object";
    case AnswerError::kNoUser:
      return "the answer has no user_id, or one that is neither an integer nor 1 to 64 of letters, "
             "digits, '_', '.', '-'";
    case AnswerError::kOtherUser:
      return "the answer is about another user than the one asked for";
    case AnswerError::kBadExpiry:
      return "expires_in of the answer is not a number of seconds";
  }
  return "";
}

std::string keep(const Answer& answer) {
  json::Value object = json::Value::object();
  if (!answer) {
    object.set("error", json::Value(auth::slug(answer.error())));
    return json::to_json(object);
  }
  object.set("user_id", json::Value(answer->user_id));
  object.set("is_staff", json::Value(answer->is_staff));
  json::Value roles = json::Value::array();
  for (const auto& [bit, name] : kRoleNames) {
    if ((answer->roles & bit) != 0) roles.as_array()->emplace_back(name);
  }
  if (answer->is_role_known) object.set("roles", std::move(roles));
  object.set("expires_at", json::Value(answer->expires_at_s));
  return json::to_json(object);
}

Result<Answer, AnswerError> parse_kept(std::string_view text) {
  auto object = json::parse(text);
  if (!object || !object->is_object()) return Err(AnswerError::kNotJson);
  if (const json::Value* error = object->find("error")) {
    const std::string* name = error->as_string();
    for (const AuthError kept : kKept) {
      if (name != nullptr && *name == auth::slug(kept)) return Answer(Err(kept));
    }
    return Err(AnswerError::kNotJson);
  }
  CARILLON_TRY(auth::Identity identity, read_user(*object, {}));
  const json::Value* expires_at = object->find("expires_at");
  const auto seconds = expires_at == nullptr ? std::nullopt : expires_at->as_int64();
  if (!seconds) return Err(AnswerError::kBadExpiry);
  identity.expires_at_s = *seconds;
  return Answer(std::move(identity));
}

}  // namespace carillon::directory
