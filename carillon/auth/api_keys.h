// The keys with which backends publish.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "carillon/base/secret.h"

namespace carillon::auth {

// Immutable; any thread. Holds digests, not keys.
class ApiKeys {
 public:
  // Empty keys are left out: they would admit everybody.
  explicit ApiKeys(const std::vector<Secret>& keys);

  // Takes the same time whichever key matches, how much of one, and whether any does.
  bool contains(std::string_view key) const;
  bool empty() const noexcept { return digests_.empty(); }

 private:
  std::vector<std::array<std::byte, 32>> digests_;
};

}  // namespace carillon::auth
