#include "carillon/layer/event.h"

#include <algorithm>
#include <array>

#include "carillon/json/writer.h"

namespace carillon::layer {
namespace {

// The frames that the server sends of its own accord: a publisher may not forge them.
constexpr std::array<std::string_view, 11> kReservedTypes = {
    "connection_established", "pong",       "ping",        "error",
    "unread_count",           "disconnect", "subscribed",  "auth_ok",
    "token_expiring",         "draining",   "unsubscribed"};

Result<void, EventError> check_type(const json::Value& object) {
  if (!object.is_object()) return Err(EventError::kNotAnObject);
  const json::Value* type = object.find("type");
  if (type == nullptr) return Err(EventError::kTypeMissing);
  const std::string* text = type->as_string();
  if (text == nullptr) return Err(EventError::kTypeNotAString);
  if (text->empty()) return Err(EventError::kTypeEmpty);
  const std::string name = handler_name(*text);
  if (name.front() == '_') return Err(EventError::kTypePrivate);
  const bool is_reserved = text->starts_with("websocket.") || text->starts_with("carillon.") ||
                           std::ranges::find(kReservedTypes, name) != kReservedTypes.end();
  if (is_reserved) return Err(EventError::kTypeReserved);
  return {};
}

}  // namespace

std::string_view explain(EventError error) {
  switch (error) {
    case EventError::kNotAnObject:
      return "An event is a JSON object with a string \"type\".";
    case EventError::kTypeMissing:
      return "This field is required.";
    case EventError::kTypeNotAString:
      return "Not a valid string.";
    case EventError::kTypeEmpty:
      return "This field may not be blank.";
    case EventError::kTypePrivate:
      return "A type may not begin with an underscore or a dot.";
    case EventError::kTypeReserved:
      return "This type is reserved for the server itself.";
  }
  return "";
}

Result<Event, EventError> Event::make(json::Value object) {
  if (auto checked = check_type(object); !checked) return Err(checked.error());
  return Event(std::move(object));
}

Result<Event, EventError> Event::make(std::string_view type, json::Value fields) {
  if (!fields.is_object()) return Err(EventError::kNotAnObject);
  if (fields.find("type") != nullptr) return Err(EventError::kTypeReserved);
  json::Value object = json::Value::object();
  object.set("type", json::Value(type));
  for (auto& member : *fields.as_object()) {
    object.as_object()->push_back(std::move(member));
  }
  return make(std::move(object));
}

Result<Event, EventError> Event::from_layer(json::Value object) {
  return make(std::move(object));
}

Event Event::make_internal(json::Value object) {
  return Event(std::move(object));
}

std::string_view Event::type() const {
  const json::Value* type = object_.find("type");
  const std::string* text = type != nullptr ? type->as_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::string handler_name(std::string_view type) {
  std::string name(type);
  std::ranges::replace(name, '.', '_');
  return name;
}

std::string render(const Event& event) {
  if (event.type().find('.') == std::string_view::npos) return json::to_json(event.object());
  json::Value framed = event.object();
  framed.set("type", json::Value(handler_name(event.type())));
  return json::to_json(framed);
}

}  // namespace carillon::layer
