// The known name that a mistyped one most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace carillon::config {

// Edit distance with swapped neighbours counted once (optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, or "" when none is near. A key without its section ("ping_interval")
// finds the whole one ("limits.ping_interval").
std::string nearest(std::string_view name, std::span<const std::string> known);

}  // namespace carillon::config
