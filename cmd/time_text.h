// Moments and spans as a person reads them. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace carillon::cmd {

// "2026-11-22T20:26:45Z"; Unix time in seconds, from year 1 to 9999, else the number itself.
std::string utc_text(int64_t unix_s);

// "45s", "14m 59s", "3h 5m", "2d 4h"; of a negative span its size.
std::string span_text(int64_t seconds);

// "in 14m 59s", "3h 5m ago", "now".
std::string distance_text(int64_t unix_s, int64_t now_s);

}  // namespace carillon::cmd
