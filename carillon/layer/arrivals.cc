#include "carillon/layer/arrivals.h"

#include <utility>

namespace carillon::layer {

Arrivals::Arrivals(metrics::Registry& registry)
    : refused_(registry.counter("carillon_layer_events_refused_total",
                                "Events from the channel layer that were dropped: unreadable, or "
                                "of a type that only the server may send")) {}

EventPtr Arrivals::accept(json::Value object) {
  auto event = Event::from_layer(std::move(object));
  if (event) return std::make_shared<const Event>(std::move(*event));
  refuse();
  return nullptr;
}

}  // namespace carillon::layer
