// Counts this thread's allocations, so that "allocates nothing" is tested and not only said.
#pragma once

#include <cstdint>

namespace carillon {
uint64_t allocation_count() noexcept;
}  // namespace carillon
