// The value of server_max_window_bits and client_max_window_bits (RFC 7692 §7.1.2).
#pragma once

#include <string_view>

namespace carillon::ws {

// 8 to 15, without a leading zero; 0 for anything else.
constexpr int parse_window_bits(std::string_view text) noexcept {
  if (text == "8" || text == "9") return text.front() - '0';
  if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') {
    return 10 + (text[1] - '0');
  }
  return 0;
}

}  // namespace carillon::ws
