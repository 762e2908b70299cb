#include "carillon/layer/channels_redis_order.h"

#include <algorithm>

namespace carillon::layer {
namespace {

constexpr size_t kDecimals = 6;

}  // namespace

std::string Score::text() const {
  const std::string fraction = std::to_string(microseconds_ % 1'000'000);
  std::string out = std::to_string(seconds());
  out += '.';
  out.append(kDecimals - fraction.size(), '0').append(fraction);
  return out;
}

Score Scores::next(int64_t wall_ms) noexcept {
  last_us_ = std::max(last_us_ + 1, wall_ms * 1000);
  return Score(last_us_);
}

MemberPrefixes::MemberPrefixes(size_t bytes)
    : counter_bytes_(std::min<size_t>(bytes * 2 / 3, 8)), random_bytes_(bytes - counter_bytes_) {}

void MemberPrefixes::append_next(std::string& out) {
  const uint64_t count = counter_++;
  for (size_t i = counter_bytes_; i > 0; --i) {
    out += static_cast<char>(count >> (8 * (i - 1)) & 0xff);
  }
  uint64_t bits = 0;
  for (size_t i = 0; i < random_bytes_; ++i) {
    if (i % 8 == 0) bits = random_.next();
    out += static_cast<char>(bits & 0xff);
    bits >>= 8;
  }
}

}  // namespace carillon::layer
