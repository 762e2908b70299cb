#include "carillon/config/nearest.h"

#include <algorithm>
#include <vector>

namespace carillon::config {
namespace {

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string nearest(std::string_view name, std::span<const std::string> known) {
  constexpr size_t kNameMax = 128;  // what is longer was not mistyped
  if (name.size() > kNameMax) return {};
  size_t best = std::max<size_t>(2, name.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : known) {
    size_t distance = edit_distance(name, candidate);
    const std::string_view part = last_part(candidate);
    if (part.size() != candidate.size()) {
      distance = std::min(distance, edit_distance(last_part(name), part) + 1);
    }
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace carillon::config
