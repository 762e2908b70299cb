// Comparison of secrets without telling by the time it takes how much of them is right.
#pragma once

#include <string_view>

namespace carillon::crypto {

// The time depends on the lengths only. Any thread.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

}  // namespace carillon::crypto
