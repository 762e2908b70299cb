#include "carillon/layer/capacity.h"

#include <algorithm>

namespace carillon::layer {
namespace {

// A `[…]` of a glob.
struct Set {
  std::string_view members{};  // between the brackets, without the `!`
  bool is_negated = false;
  size_t length = 0;  // of all of it; 0: the bracket opens nothing
};

Set set_at(std::string_view glob) noexcept {
  Set set{.is_negated = glob.size() > 1 && glob[1] == '!'};
  const size_t begin = set.is_negated ? 2 : 1;
  const size_t end = glob.find(']', begin + 1);  // one that comes first is a member
  if (end == std::string_view::npos) return {};
  set.members = glob.substr(begin, end - begin);
  set.length = end + 1;
  return set;
}

bool contains(const Set& set, char c) noexcept {
  const std::string_view members = set.members;
  bool is_found = false;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      is_found = is_found || (members[i] <= c && c <= members[i + 2]);
      i += 2;
    } else {
      is_found = is_found || members[i] == c;
    }
  }
  return is_found != set.is_negated;
}

// How much of the glob stands for `c`, its next character; 0 when that does not match.
size_t step(std::string_view glob, char c) noexcept {
  if (glob[0] == '?') return 1;
  if (glob[0] == '[') {
    const Set set = set_at(glob);
    if (set.length != 0) return contains(set, c) ? set.length : 0;
  }
  return glob[0] == c ? 1 : 0;
}

}  // namespace

// Going back to the last star only is enough, so the time is at most the product of the lengths.
bool matches_glob(std::string_view glob, std::string_view name) noexcept {
  std::string_view after_star;
  std::string_view name_at_star;
  bool has_star = false;
  while (!name.empty()) {
    if (!glob.empty() && glob[0] == '*') {
      glob.remove_prefix(1);
      after_star = glob;
      name_at_star = name;
      has_star = true;
      continue;
    }
    const size_t length = glob.empty() ? 0 : step(glob, name[0]);
    if (length != 0) {
      glob.remove_prefix(length);
      name.remove_prefix(1);
    } else if (has_star) {
      name_at_star.remove_prefix(1);
      name = name_at_star;
      glob = after_star;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*') == std::string_view::npos;
}

size_t Capacities::capacity_of(std::string_view channel) const noexcept {
  const auto rule = std::ranges::find_if(
      rules_, [&](const CapacityRule& each) { return matches_glob(each.glob, channel); });
  return rule == rules_.end() ? otherwise_ : rule->capacity;
}

}  // namespace carillon::layer
