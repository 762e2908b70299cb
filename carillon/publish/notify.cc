#include "carillon/publish/notify.h"

#include "carillon/json/writer.h"
#include "carillon/layer/name.h"

namespace carillon::publish {
namespace {

using layer::Addressed;
using layer::Event;

// Room for the frame's header and for what the inbox adds.
constexpr size_t kOverheadBytes = 128;

Addressed address(std::string group, Event event) {
  const size_t byte_count = json::to_json(event.object()).size() + kOverheadBytes;
  return {std::move(group), std::make_shared<const Event>(std::move(event)), byte_count};
}

Notice typed(std::string group, std::string_view event_type, json::Value data) {
  if (data.is_null()) data = json::Value::object();
  if (!data.is_object()) return Err(FieldError{"data", "Expected an object."});
  if (data.find("type") != nullptr) {
    return Err(FieldError{"data", "\"type\" belongs in event_type, not in data."});
  }
  auto event = Event::make(event_type, std::move(data));
  if (!event) return Err(FieldError{"event_type", std::string(explain(event.error()))});
  return address(std::move(group), std::move(*event));
}

Notice for_user(std::string_view prefix,
                std::string_view user_id,
                std::string_view event_type,
                json::Value data) {
  if (!is_valid_user_id(user_id)) {
    return Err(FieldError{"id", "Letters, digits, '-', '_' and '.', at most 64."});
  }
  return typed(std::string(prefix) + std::string(user_id), event_type, std::move(data));
}

}  // namespace

bool is_valid_user_id(std::string_view user_id) noexcept {
  return user_id.size() <= 64 && layer::is_valid_group_name(user_id);
}

Notice notify_dashboard(std::string_view event_type, json::Value data) {
  return typed(std::string(kDashboardGroup), event_type, std::move(data));
}

Notice notify_user(std::string_view user_id, json::Value notification) {
  if (!notification.is_object()) {
    return Err(FieldError{"notification", "Expected an object."});
  }
  const json::Value* id = notification.find("id");
  if (id != nullptr && !id->is_string() && !id->as_int64() && !id->as_uint64()) {
    return Err(FieldError{"notification", "Its id must be an integer or a string."});
  }
  json::Value data = json::Value::object();
  data.set("notification", std::move(notification));
  return for_user("notifications_", user_id, "notification", std::move(data));
}

Notice notify_mentor(std::string_view mentor_id, std::string_view event_type, json::Value data) {
  return for_user("mentor_", mentor_id, event_type, std::move(data));
}

Notice notify_student(std::string_view student_id, std::string_view event_type, json::Value data) {
  return for_user("student_", student_id, event_type, std::move(data));
}

Notice update_leaderboard(json::Value leaderboard) {
  if (!leaderboard.is_array()) return Err(FieldError{"leaderboard", "Expected a list of items."});
  json::Value data = json::Value::object();
  data.set("leaderboard", std::move(leaderboard));
  return typed(std::string(kLeaderboardGroup), "leaderboard_update", std::move(data));
}

Notice group_send(std::string_view group, json::Value object) {
  if (!layer::is_valid_group_name(group)) {
    return Err(FieldError{"group", "Letters, digits, '-', '_' and '.', at most 99."});
  }
  if (group.starts_with("carillon.")) {
    return Err(FieldError{"group", "Groups that begin with 'carillon.' are the server's own."});
  }
  auto event = Event::make(std::move(object));
  if (!event) {
    const bool is_object = event.error() != layer::EventError::kNotAnObject;
    return Err(FieldError{is_object ? "type" : "event", std::string(explain(event.error()))});
  }
  return address(std::string(group), std::move(*event));
}

}  // namespace carillon::publish
