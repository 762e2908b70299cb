#include "carillon/store/row.h"

namespace carillon::store {

const std::string* Row::find(std::string_view name) const noexcept {
  for (const auto& [column, text] : columns) {
    if (column == name) return text ? &*text : nullptr;
  }
  return nullptr;
}

}  // namespace carillon::store
