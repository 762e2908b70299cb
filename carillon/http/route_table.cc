#include "carillon/http/route_table.h"

namespace carillon::http {

std::optional<std::string_view> RouteParams::get(std::string_view name) const noexcept {
  if (names == nullptr) return std::nullopt;
  for (size_t i = 0; i < names->size(); ++i) {
    if ((*names)[i] == name) return values[i];
  }
  return std::nullopt;
}

std::string allow_header(uint32_t methods) {
  std::string allow;
  for (uint32_t i = 0; i < static_cast<uint32_t>(Method::kOther); ++i) {
    const auto method = static_cast<Method>(i);
    const bool is_implied =
        method == Method::kHead && (methods & 1u << static_cast<uint32_t>(Method::kGet)) != 0;
    if ((methods & 1u << i) == 0 && !is_implied) continue;
    if (!allow.empty()) allow += ", ";
    allow += name_of(method);
  }
  return allow;
}

}  // namespace carillon::http
