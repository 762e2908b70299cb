// Something that can be in groups and receives their events: a connection.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "carillon/fanout/delivery.h"

namespace carillon::fanout {

// Where a member stands in one group of its hub.
struct Membership {
  uint32_t group_index = UINT32_MAX;
  uint32_t position = 0;
};

// Lives on one loop. It must have left every group (Hub::leave_all) before it dies.
class Member {
 public:
  // May leave groups, its own membership only; may not join.
  virtual void deliver(Delivery& delivery) = 0;
  // Events for it were lost, here: it must not go on as if it had had them all. As in deliver().
  virtual void on_gap() = 0;

 protected:
  Member() = default;
  ~Member() = default;

 private:
  friend class Hub;
  // Most connections are in one group: that one costs no allocation.
  Membership first_;
  std::unique_ptr<std::vector<Membership>> rest_;
};

}  // namespace carillon::fanout
