#include "carillon/http/cookie.h"

#include <algorithm>

namespace carillon::http {
namespace {

std::string_view trim(std::string_view text) noexcept {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void select_from(std::string_view field, std::span<const std::string> names, std::string& out) {
  while (!field.empty()) {
    const size_t end = std::min(field.find(';'), field.size());
    const std::string_view pair = trim(field.substr(0, end));
    field.remove_prefix(std::min(end + 1, field.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (std::ranges::find(names, trim(pair.substr(0, equals))) == names.end()) continue;
    if (!out.empty()) out += "; ";
    out += pair;
  }
}

}  // namespace

std::string select_cookies(HeaderSpan headers, std::span<const std::string> names) {
  std::string out;
  for (const Header& header : headers) {
    if (equals_ignoring_case(header.name, "Cookie")) select_from(header.value, names, out);
  }
  return out;
}

}  // namespace carillon::http
