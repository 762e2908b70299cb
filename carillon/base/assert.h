// Invariants of our own code. Never for input: what a peer can cause is a Result.
#pragma once

namespace carillon {
// Prints the failed condition with a backtrace and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace carillon

// Always on: cheap enough for release builds.
#define CARILLON_ASSERT(condition) \
  ((condition) ? void(0) : ::carillon::assertion_failed(#condition, __FILE__, __LINE__))

// Debug and sanitizer builds only, for hot paths.
#ifdef CARILLON_DEBUG
#define CARILLON_DCHECK(condition) CARILLON_ASSERT(condition)
#else
#define CARILLON_DCHECK(condition) void(0)
#endif
