// One row of an answer, as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::store {

struct Row {
  std::vector<std::pair<std::string, std::optional<std::string>>> columns;  // nothing: NULL

  // The first column of that name; null when there is none and when it is NULL.
  const std::string* find(std::string_view name) const noexcept;
};

}  // namespace carillon::store
