#include "cmd/time_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

namespace carillon::cmd {

std::string utc_text(int64_t unix_s) {
  constexpr int64_t kYear1 = -62'135'596'800;
  constexpr int64_t kYear9999End = 253'402'300'799;
  if (unix_s < kYear1 || unix_s > kYear9999End) return fmt::format("{}", unix_s);
  const std::time_t seconds = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string span_text(int64_t seconds) {
  constexpr uint64_t kMinute = 60;
  constexpr uint64_t kHour = 60 * kMinute;
  constexpr uint64_t kDay = 24 * kHour;
  const uint64_t span =
      seconds < 0 ? 0 - static_cast<uint64_t>(seconds) : static_cast<uint64_t>(seconds);
  const auto pair = [](uint64_t large, char large_unit, uint64_t small, char small_unit) {
    if (small == 0) return fmt::format("{}{}", large, large_unit);
    return fmt::format("{}{} {}{}", large, large_unit, small, small_unit);
  };
  if (span >= kDay) return pair(span / kDay, 'd', span % kDay / kHour, 'h');
  if (span >= kHour) return pair(span / kHour, 'h', span % kHour / kMinute, 'm');
  if (span >= kMinute) return pair(span / kMinute, 'm', span % kMinute, 's');
  return fmt::format("{}s", span);
}

std::string distance_text(int64_t unix_s, int64_t now_s) {
  if (unix_s == now_s) return "now";
  // Unsigned, so that the distance between the ends of time does not overflow.
  const uint64_t span = unix_s > now_s
                            ? static_cast<uint64_t>(unix_s) - static_cast<uint64_t>(now_s)
                            : static_cast<uint64_t>(now_s) - static_cast<uint64_t>(unix_s);
  const std::string text = span_text(static_cast<int64_t>(std::min<uint64_t>(span, INT64_MAX)));
  return unix_s > now_s ? "in " + text : text + " ago";
}

}  // namespace carillon::cmd
