// The names of groups and channels, by the rules of Channels' channel layer specification.
#pragma once

#include <string>
#include <string_view>

namespace carillon::layer {

inline constexpr size_t kNameLengthMax = 99;

// ASCII letters, digits, `-`, `_` and `.`, 1 to 99 characters.
bool is_valid_group_name(std::string_view name) noexcept;

// The same, and at most one `!`, after which comes the part that is local to one process:
// "specific.inmemory!abc". Never empty before it.
bool is_valid_channel_name(std::string_view name) noexcept;

// What the channels of one process begin with, never the same twice: "gw." + 32 hex digits + "!".
// Not Channels' own "specific.", so that operators can give a capacity to "gw.*".
std::string make_process_channel();

}  // namespace carillon::layer
