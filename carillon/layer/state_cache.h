// Where the newest state events outlive the process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/unique_function.h"
#include "carillon/layer/event.h"

namespace carillon::layer {

// On the node's loop.
class StateCache {
 public:
  using OnRecalled = UniqueFunction<void(std::vector<EventPtr>)>;

  virtual ~StateCache() = default;

  // The newest of its type for `group`. May be lost.
  virtual void keep(std::string_view group, const EventPtr& event) = 0;
  // Calls `then` once, as soon as the cache can be reached: the newest event of each type that is
  // kept for `group`. Never, when it cannot be reached.
  virtual void recall(std::string group, OnRecalled then) = 0;
};

}  // namespace carillon::layer
