#include "carillon/config/settings.h"

namespace carillon::config {

std::vector<EndpointSettings> default_endpoints() {
  return {
      {.name = "dashboard",
       .path = "/ws/dashboard/",
       .allow = {"staff", "mentor"},
       .groups = {"dashboard_updates"},
       .greeting = "Connected to dashboard updates",
       .event_types = {"dashboard_update", "submission_created", "grade_updated"},
       .client_messages = {"ping"}},
      {.name = "notifications",
       .path = "/ws/notifications/",
       .allow = {"authenticated"},
       .groups = {"notifications_{user_id}"},
       .unread_count = true,
       .event_types = {"notification"},
       .client_messages = {"ping", "mark_read", "mark_all_read"}},
      {.name = "leaderboard",
       .path = "/ws/leaderboard/",
       .allow = {"authenticated"},
       .groups = {"leaderboard_updates"},
       .state_types = {"leaderboard_update"},
       .event_types = {"leaderboard_update"},
       .client_messages = {"ping"}},
      {.name = "mentor",
       .path = "/ws/mentor/{id}/",
       .allow = {"mentor:id", "staff"},
       .groups = {"mentor_{id}"},
       .event_types = {"student_submission", "review_request"},
       .client_messages = {"ping"}},
      {.name = "student",
       .path = "/ws/student/{id}/",
       .allow = {"student:id", "staff"},
       .groups = {"student_{id}"},
       .event_types = {"grade_received", "feedback_received", "achievement_unlocked"},
       .client_messages = {"ping"}},
  };
}

}  // namespace carillon::config
