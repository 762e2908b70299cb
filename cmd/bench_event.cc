#include "cmd/bench_event.h"

#include <time.h>

#include <algorithm>

namespace carillon::bench {
namespace {

// Fixed widths in strings: every event of a run has the same size and its digits the same place,
// and JSON stays valid with leading zeros.
constexpr std::string_view kHead = R"({"type":"bench","n":")";
constexpr size_t kSequenceDigits = 10;
constexpr std::string_view kMiddle = R"(","t":")";
constexpr size_t kTimeDigits = 19;
constexpr std::string_view kTail = R"(","pad":")";
constexpr std::string_view kEnd = R"("})";
constexpr size_t kSequenceAt = kHead.size();
constexpr size_t kTimeAt = kSequenceAt + kSequenceDigits + kMiddle.size();
static_assert(kEventBytesMin == kTimeAt + kTimeDigits + kTail.size() + kEnd.size());

constexpr std::string_view kPing = R"({"type":"ping","timestamp":")";
constexpr std::string_view kPong = R"({"type":"pong","timestamp":")";

void write_digits(char* at, size_t digits, uint64_t value) noexcept {
  for (size_t i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

uint64_t read_digits(const char* at, size_t digits) noexcept {
  uint64_t value = 0;
  for (size_t i = 0; i < digits; i++) value = value * 10 + static_cast<uint64_t>(at[i] - '0');
  return value;
}

}  // namespace

uint64_t now_ns() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::string make_event(size_t bytes) {
  std::string event(kHead);
  event.append(kSequenceDigits, '0').append(kMiddle).append(kTimeDigits, '0').append(kTail);
  const size_t fixed = event.size() + kEnd.size();
  event.append(std::max(bytes, fixed) - fixed, 'x').append(kEnd);
  return event;
}

void write_stamp(char* event, const Stamp& stamp) noexcept {
  write_digits(event + kSequenceAt, kSequenceDigits, stamp.sequence);
  write_digits(event + kTimeAt, kTimeDigits, stamp.sent_ns);
}

std::optional<Stamp> read_stamp(std::string_view payload) noexcept {
  if (payload.size() < kEventBytesMin || !payload.starts_with(kHead)) return std::nullopt;
  return Stamp{static_cast<uint32_t>(read_digits(payload.data() + kSequenceAt, kSequenceDigits)),
               read_digits(payload.data() + kTimeAt, kTimeDigits)};
}

std::string make_ping(uint64_t sent_ns) {
  std::string ping(kPing);
  ping.append(kTimeDigits, '0').append(kEnd);
  write_digits(ping.data() + kPing.size(), kTimeDigits, sent_ns);
  return ping;
}

std::optional<uint64_t> read_pong(std::string_view payload) noexcept {
  if (!payload.starts_with(kPong) && !payload.starts_with(kPing)) return std::nullopt;
  if (payload.size() != kPong.size() + kTimeDigits + kEnd.size()) return std::nullopt;
  return read_digits(payload.data() + kPong.size(), kTimeDigits);
}

}  // namespace carillon::bench
