#include "carillon/fanout/connection_name.h"

#include <charconv>

namespace carillon::fanout {
namespace {

// Takes a number off the front, and the `.` behind it unless it is the last. One way to write each.
bool take_number(std::string_view& text, uint32_t& number, bool is_last) {
  if (text.size() > 1 && text[0] == '0' && text[1] != '.') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (is_last) return text.empty();
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string to_local_name(const ConnectionName& name) {
  return "c" + std::to_string(name.worker) + "." + std::to_string(name.slot) + "." +
         std::to_string(name.generation);
}

std::optional<ConnectionName> parse_local_name(std::string_view text) {
  if (!text.starts_with('c')) return std::nullopt;
  text.remove_prefix(1);
  ConnectionName name;
  const bool is_name = take_number(text, name.worker, false) &&
                       take_number(text, name.slot, false) &&
                       take_number(text, name.generation, true);
  return is_name ? std::optional(name) : std::nullopt;
}

}  // namespace carillon::fanout
