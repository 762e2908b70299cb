#include "carillon/layer/name.h"

#include <algorithm>

#include "carillon/base/random.h"

namespace carillon::layer {
namespace {

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

bool is_plain_name(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), is_name_character);
}

}  // namespace

bool is_valid_group_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kNameLengthMax && is_plain_name(name);
}

bool is_valid_channel_name(std::string_view name) noexcept {
  if (name.size() > kNameLengthMax) return false;
  const size_t mark = name.find('!');
  if (mark == std::string_view::npos) return is_valid_group_name(name);
  return mark > 0 && is_plain_name(name.substr(0, mark)) && is_plain_name(name.substr(mark + 1));
}

std::string make_process_channel() {
  return "gw." + random_hex(16) + "!";
}

}  // namespace carillon::layer
