#include "carillon/auth/identity.h"

#include <algorithm>

namespace carillon::auth {
namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace

bool is_valid_user_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kUserIdBytesMax &&
         std::all_of(text.begin(), text.end(), is_id_character);
}

}  // namespace carillon::auth
