// What travels through the channel layer: an object with a string `type`.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/json/value.h"

namespace carillon::layer {

enum class EventError : uint8_t {
  kNotAnObject,
  kTypeMissing,
  kTypeNotAString,
  kTypeEmpty,
  kTypePrivate,   // begins with `_` once its dots are replaced
  kTypeReserved,  // websocket.*, carillon.*, or one that the server itself sends
};

// For the publisher, who can act: what is wrong with `type` or with the event.
std::string_view explain(EventError error);

// Immutable once made, so that any thread may read it.
class Event {
 public:
  // Checks the rules for publishers; `object` keeps its members in the publisher's order.
  static Result<Event, EventError> make(json::Value object);
  // {type: type, ...fields}, as the helpers build them. `fields` is an object without a `type`.
  static Result<Event, EventError> make(std::string_view type, json::Value fields);
  // One that came from outside the process, through the channel layer: checked as a publisher's is,
  // since a frame that only the server may send must not be forged there either.
  static Result<Event, EventError> from_layer(json::Value object);
  // One that only the server itself sends, such as `unread_count`: no rule but the type's presence.
  static Event make_internal(json::Value object);

  std::string_view type() const;
  const json::Value& object() const noexcept { return object_; }

 private:
  explicit Event(json::Value object) : object_(std::move(object)) {}
  json::Value object_;
};

using EventPtr = std::shared_ptr<const Event>;

// Channels' handler-name rule: every `.` becomes `_`.
std::string handler_name(std::string_view type);

// The JSON text of the frame that members receive: the event with its type as a handler name.
std::string render(const Event& event);

}  // namespace carillon::layer
