// One setting's text into its variable and back: numbers with units, switches, lists, choices.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/base/secret.h"
#include "carillon/config/redis_host.h"

namespace carillon::config {

// The variable that a setting fills; borrowed.
using Target = std::variant<bool*,
                            uint32_t*,
                            std::string*,
                            std::vector<std::string>*,
                            Secret*,
                            std::vector<Secret>*,
                            std::vector<RedisHost>*>;
bool is_list(Target target);

enum class Unit : uint8_t { kNone, kMilliseconds, kSeconds, kBytes };

// What a value must satisfy beyond its type.
struct Rules {
  Unit unit = Unit::kNone;  // in which a number is kept
  uint32_t min = 0;
  uint32_t max = UINT32_MAX;
  std::string_view choices{};  // of a text or of each item of a list, separated by spaces
  // Says what is wrong with a text (each item of a list) and what to give instead; empty: nothing.
  std::string (*check)(std::string_view item) = nullptr;
  bool is_url = false;  // of a secret: only what is secret in the URL is masked
};

// A value as it was given. Text that stands for a list is split at commas; a file's list is not.
struct RawValue {
  std::string text{};
  std::vector<std::string> items{};
  bool is_list = false;
};

// Fills `target`, or leaves it alone and says what is wrong and what to give instead.
Result<void, std::string> assign(Target target, const Rules& rules, const RawValue& raw);

// The text that assign() would read back: `25s`, `64KiB`, `true`, `a, b`. Secrets are masked, and
// so are passwords in URLs.
std::string printable(Target target, const Rules& rules);

// "25s", "1.5s", "500ms", "5m", "12h", "1d"; without a unit it is seconds.
Result<uint64_t, std::string> parse_duration_ms(std::string_view text);

// "64KiB", "1MiB", "1GiB", "65536", "65536B".
Result<uint64_t, std::string> parse_bytes(std::string_view text);

// Items between commas, trimmed, empty ones left out.
std::vector<std::string> split_list(std::string_view text);

std::string_view trim(std::string_view text);

}  // namespace carillon::config
