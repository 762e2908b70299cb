#include "carillon/fanout/waiting_events.h"

#include <utility>

namespace carillon::fanout {
namespace {

// Of a group, or of one connection: which no group's name looks like.
std::string addressee_of(const PreparedEvent& event) {
  if (event.connection) return "!" + to_local_name(*event.connection);
  return event.group;
}

}  // namespace

bool WaitingEvents::push(const PreparedEventPtr& event) {
  const size_t byte_count = event->frame->size();
  const bool has_room = events_.empty() || (events_.size() < limits_.events_max &&
                                            byte_count_ + byte_count <= limits_.bytes_max);
  if (!has_room) {
    mark_gap(*event);
    return false;
  }
  if (!marked_.empty()) marked_.erase(addressee_of(*event));
  byte_count_ += byte_count;
  events_.push_back(event);
  return true;
}

void WaitingEvents::mark_gap(const PreparedEvent& event) {
  if (!marked_.insert(addressee_of(event)).second) return;
  events_.push_back(make_gap(event));
}

void WaitingEvents::pop_front() {
  const PreparedEventPtr event = std::move(events_.front());
  events_.pop_front();
  byte_count_ -= event->frame->size();
  if (event->is_gap) marked_.erase(addressee_of(*event));
}

}  // namespace carillon::fanout
