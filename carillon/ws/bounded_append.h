// Growing a buffer without overshooting its limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace carillon::ws {

// The least that a std::string takes from the heap: libstdc++ doubles the 15 bytes inside it.
inline constexpr size_t kSmallCapacityMax = 30;

// Appends `piece`; the result has at most `bytes_max` bytes, which the caller has checked. Capacity
// doubles, so that many pieces cost linear time, but ends at `bytes_max` instead of beyond it as
// std::string's own growth would, or at kSmallCapacityMax where that is more.
void append_bounded(std::string& out, std::string_view piece, size_t bytes_max);

}  // namespace carillon::ws
