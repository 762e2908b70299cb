// The five helpers of a learning platform, as the events that they are.
#pragma once

#include <string>
#include <string_view>

#include "carillon/base/result.h"
#include "carillon/layer/channel_layer.h"

namespace carillon::publish {

// What a publisher must correct: the field and why, in the words of Django REST framework.
struct FieldError {
  std::string field;
  std::string message;
};

using Notice = Result<layer::Addressed, FieldError>;

inline constexpr std::string_view kDashboardGroup = "dashboard_updates";
inline constexpr std::string_view kLeaderboardGroup = "leaderboard_updates";

// To `dashboard_updates`: {type: event_type, ...data}. `data` is an object, or null for none.
Notice notify_dashboard(std::string_view event_type, json::Value data);
// To `notifications_{user_id}`: {type: "notification", notification}.
Notice notify_user(std::string_view user_id, json::Value notification);
Notice notify_mentor(std::string_view mentor_id, std::string_view event_type, json::Value data);
Notice notify_student(std::string_view student_id, std::string_view event_type, json::Value data);
// To `leaderboard_updates`: {type: "leaderboard_update", leaderboard}; an array.
Notice update_leaderboard(json::Value leaderboard);
// To any group but those that begin with `carillon.`.
Notice group_send(std::string_view group, json::Value event);

// [A-Za-z0-9_.-]{1,64}: it becomes part of a group's name.
bool is_valid_user_id(std::string_view user_id) noexcept;

}  // namespace carillon::publish
