// How one connection of this process is named in the channel layer, behind the process's own
// channel: "c" and three numbers, such as "c0.17.2".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::fanout {

// Names one connection for as long as it lives, and no other after it.
struct ConnectionName {
  uint32_t worker = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
  bool operator==(const ConnectionName&) const = default;
};

std::string to_local_name(const ConnectionName& name);
// Nothing for what to_local_name() does not write.
std::optional<ConnectionName> parse_local_name(std::string_view text);

}  // namespace carillon::fanout
