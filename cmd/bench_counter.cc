#include "cmd/bench_counter.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "carillon/base/assert.h"

namespace carillon::bench {

Counter::Counter() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CARILLON_ASSERT(wake_.is_open());
}

void Counter::add(uint64_t amount) noexcept {
  if (amount == 0) return;
  if (value_.fetch_add(amount) + amount >= wanted_.load()) wake();
}

void Counter::wake() noexcept {
  if (wanted_.exchange(UINT64_MAX) == UINT64_MAX) return;
  const uint64_t one = 1;
  (void)!write(wake_.fd(), &one, sizeof one);  // full means that a wake is waiting already
}

bool Counter::wait_for(uint64_t value, uint32_t patience_s) {
  uint64_t seen = value_.load();
  uint32_t idle_s = 0;
  while (true) {
    wanted_.store(value);
    if (value_.load() >= value) break;
    pollfd entry{wake_.fd(), POLLIN, 0};
    if (poll(&entry, 1, 1'000) > 0) {
      uint64_t count;
      (void)!read(wake_.fd(), &count, sizeof count);  // only its waking matters
      continue;
    }
    const uint64_t now = value_.load();
    idle_s = now == seen ? idle_s + 1 : 0;
    seen = now;
    if (idle_s >= patience_s) break;
  }
  wanted_.store(UINT64_MAX);
  return value_.load() >= value;
}

}  // namespace carillon::bench
