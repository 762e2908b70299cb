// The one way in for what a channel layer brings from outside the process.
#pragma once

#include "carillon/layer/event.h"
#include "carillon/metrics/registry.h"

namespace carillon::layer {

// Lives on the node's loop.
class Arrivals {
 public:
  // `registry` is borrowed for life.
  explicit Arrivals(metrics::Registry& registry);

  // Null when Event::from_layer refuses it: dropped and counted, never rendered.
  EventPtr accept(json::Value object);
  // What could not even be read: counted alike.
  void refuse() { refused_.add(); }

 private:
  metrics::Counter& refused_;
};

}  // namespace carillon::layer
