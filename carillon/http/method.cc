#include "carillon/http/method.h"

#include <array>
#include <cstddef>

namespace carillon::http {
namespace {

// In the order of Method.
constexpr std::array<std::string_view, 7> kNames = {"GET",   "HEAD",   "POST",   "PUT",
                                                    "PATCH", "DELETE", "OPTIONS"};

}  // namespace

Method method_of(std::string_view name) noexcept {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Method>(i);
  }
  return Method::kOther;
}

std::string_view name_of(Method method) noexcept {
  const auto index = static_cast<size_t>(method);
  return index < kNames.size() ? kNames[index] : std::string_view();
}

}  // namespace carillon::http
