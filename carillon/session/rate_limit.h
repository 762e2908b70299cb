// How often a client may send: a token bucket, and the patience with one that goes on regardless.
#pragma once

#include <algorithm>
#include <cstdint>

namespace carillon::session {

struct RateLimits {
  uint32_t per_s;
  uint32_t burst;
};

// 16 bytes a connection; times are the loop's milliseconds, cut to 32 bits.
class RateLimit {
 public:
  enum class Verdict : uint8_t { kAllowed, kRefused, kOut };
  static constexpr uint32_t kRefusedMax = 40;
  static constexpr uint32_t kRefusedWindowMs = 10'000;

  RateLimit(const RateLimits& limits, uint64_t now_ms)
      : last_ms_(static_cast<uint32_t>(now_ms)), milli_tokens_(limits.burst * 1000) {}

  // kOut: more than kRefusedMax were refused within kRefusedWindowMs of the first of them; the
  // connection must end.
  Verdict take(const RateLimits& limits, uint64_t now_ms) noexcept {
    const auto now = static_cast<uint32_t>(now_ms);
    const uint64_t earned = uint64_t{now - last_ms_} * limits.per_s;
    const uint64_t most = uint64_t{limits.burst} * 1000;
    milli_tokens_ = static_cast<uint32_t>(std::min(most, milli_tokens_ + earned));
    last_ms_ = now;
    if (milli_tokens_ >= 1000) {
      milli_tokens_ -= 1000;
      return Verdict::kAllowed;
    }
    if (refused_count_ == 0 || now - first_refused_ms_ >= kRefusedWindowMs) {
      first_refused_ms_ = now;
      refused_count_ = 0;
    }
    return ++refused_count_ > kRefusedMax ? Verdict::kOut : Verdict::kRefused;
  }

 private:
  uint32_t last_ms_;
  uint32_t milli_tokens_;
  uint32_t first_refused_ms_ = 0;
  uint32_t refused_count_ = 0;
};

}  // namespace carillon::session
