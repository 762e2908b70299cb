// Remembers the thread that owns an object, and asserts in debug builds that no other uses it.
#pragma once

#include <thread>

#include "carillon/base/assert.h"

namespace carillon::net {

class OwnedByLoop {
 public:
  // Adopts the calling thread as the owner: for objects built before their loop's thread starts.
  void adopt() noexcept { owner_ = std::this_thread::get_id(); }
  void check() const noexcept { CARILLON_DCHECK(owner_ == std::this_thread::get_id()); }

 private:
  std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace carillon::net
