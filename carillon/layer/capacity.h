// How many unread events a channel may hold, by its name: channel_capacity of channels_redis.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::layer {

// Whether all of `name` matches, as Python's fnmatchcase has it: `*`, `?`, `[seq]`, `[!seq]`; any
// other character, `[` without its `]` too, stands for itself. Both are ASCII or compared as bytes.
bool matches_glob(std::string_view glob, std::string_view name) noexcept;

struct CapacityRule {
  std::string glob;
  size_t capacity = 0;
};

class Capacities {
 public:
  Capacities(size_t otherwise, std::vector<CapacityRule> rules)
      : otherwise_(otherwise), rules_(std::move(rules)) {}

  // That of the first rule that matches the whole name, its local part included.
  size_t capacity_of(std::string_view channel) const noexcept;

 private:
  size_t otherwise_;
  std::vector<CapacityRule> rules_;
};

}  // namespace carillon::layer
