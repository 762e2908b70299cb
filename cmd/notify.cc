#include "cmd/notify.h"

#include <fmt/core.h>

#include "carillon/http/uri.h"
#include "carillon/publish/notify.h"
#include "cmd/input.h"
#include "cmd/notify_via.h"
#include "cmd/server_access.h"

namespace carillon::cmd {
namespace {

constexpr std::string_view kJsonHelp =
    "default: what stands on standard input, which - reads as well";

constexpr std::string_view kExamples =
    R"(  carillon notify student 7 grade_received '{"grade":{"score":92}}'
  carillon notify mentor 3 review_request '{"request":{"submission_id":12}}'
  carillon notify user 7 '{"title":"Welcome","message":"Good to see you"}'
  carillon notify dashboard dashboard_update '{"active_students":41}'
  jq -n '[{rank:1,name:"Dana",points:310}]' | carillon notify leaderboard
  carillon notify group course_12 '{"type":"lesson_published","lesson":4}'
  carillon notify student 7 grade_received '{"grade":{"score":92}}' --via redis://127.0.0.1:6379/0
)";

// What one `notify` command was given; which of them are used depends on the command.
struct NotifyArguments {
  std::shared_ptr<ClientArguments> client;
  std::string target;      // an id or a group
  std::string event_type;  // empty for those that have none
  std::string json;
  std::string idempotency_key;
  std::string via;  // empty: over HTTP
};

using Arguments = std::shared_ptr<NotifyArguments>;
using BodyMaker = Result<json::Value, Error> (*)(const NotifyArguments&, json::Value);
using NoticeMaker = publish::Notice (*)(const NotifyArguments&, json::Value);

Error expected(std::string_view what) {
  return {"bad_json", fmt::format("JSON: {}", what)};
}

Result<json::Value, Error> event_body(const NotifyArguments& arguments, json::Value data) {
  if (data.is_null()) data = json::Value::object();
  if (!data.is_object()) return Err(expected("give an object of the event's fields"));
  return json::Value::object({{"event_type", arguments.event_type}, {"data", std::move(data)}});
}

Result<json::Value, Error> notification_body(const NotifyArguments&, json::Value notification) {
  if (!notification.is_object()) return Err(expected("give the notification, an object"));
  return json::Value::object({{"notification", std::move(notification)}});
}

Result<json::Value, Error> leaderboard_body(const NotifyArguments&, json::Value leaderboard) {
  if (!leaderboard.is_array()) return Err(expected("give the leaderboard, a list of rows"));
  return json::Value::object({{"leaderboard", std::move(leaderboard)}});
}

Result<json::Value, Error> group_body(const NotifyArguments&, json::Value event) {
  const json::Value* type = event.find("type");
  if (type == nullptr || !type->is_string()) {
    return Err(expected("give the event, an object with a string \"type\""));
  }
  return event;
}

publish::Notice dashboard_notice(const NotifyArguments& arguments, json::Value data) {
  return publish::notify_dashboard(arguments.event_type, std::move(data));
}

publish::Notice user_notice(const NotifyArguments& arguments, json::Value notification) {
  return publish::notify_user(arguments.target, std::move(notification));
}

publish::Notice mentor_notice(const NotifyArguments& arguments, json::Value data) {
  return publish::notify_mentor(arguments.target, arguments.event_type, std::move(data));
}

publish::Notice student_notice(const NotifyArguments& arguments, json::Value data) {
  return publish::notify_student(arguments.target, arguments.event_type, std::move(data));
}

publish::Notice leaderboard_notice(const NotifyArguments&, json::Value leaderboard) {
  return publish::update_leaderboard(std::move(leaderboard));
}

publish::Notice group_notice(const NotifyArguments& arguments, json::Value event) {
  return publish::group_send(arguments.target, std::move(event));
}

struct NotifyRoute {
  http::Method method;
  std::string_view path;  // before the target
  bool has_target;
  BodyMaker make_body;
  NoticeMaker make_notice;  // the same event, for the channel layer
};

ExitCode run_via(const NotifyRoute& route,
                 const NotifyArguments& arguments,
                 json::Value value,
                 Context& context) {
  if (!arguments.idempotency_key.empty()) {
    context.console.complain("--idempotency-key: only a server remembers it; leave out --via");
    return ExitCode::kUsage;
  }
  return notify_via(arguments.via, *arguments.client,
                    route.make_notice(arguments, std::move(value)), context);
}

ExitCode run(const NotifyRoute& route, const NotifyArguments& arguments, Context& context) {
  const Console& console = context.console;
  const auto text = argument_or_input(arguments.json, console.input(), console.is_interactive());
  if (!text) {
    context.console.complain(text.error());
    return ExitCode::kUsage;
  }
  auto value = parse_json_argument(*text, "JSON");
  auto body =
      value ? route.make_body(arguments, *value) : Result<json::Value, Error>(Err(value.error()));
  if (!body) {
    context.console.complain(body.error());
    return ExitCode::kUsage;
  }
  if (!arguments.via.empty()) return run_via(route, arguments, *std::move(value), context);
  PublishRequest request{.method = route.method,
                         .path = std::string(route.path),
                         .body = *std::move(body),
                         .idempotency_key = arguments.idempotency_key};
  if (route.has_target) request.path += http::percent_encode(arguments.target) + '/';
  return publish(*arguments.client, request, context);
}

// What the commands have in common comes last, so that the help begins with what is particular.
void finish(Command& command, const Arguments& arguments, const NotifyRoute& route) {
  command.add_argument("JSON", arguments->json, kJsonHelp, Need::kOptional);
  command.add_option("--idempotency-key", arguments->idempotency_key, "KEY",
                     "sending again with the same key within 10 minutes does nothing");
  command.add_option("--via", arguments->via, "REDIS_URL",
                     "without a server, straight into the channel layer in this Redis; the other "
                     "layer_… settings must be the server's. `layer`: where they say");
  arguments->client = add_client_options(command);
  command.on_run([arguments, route](Context& context) { return run(route, *arguments, context); });
}

void add_event_command(Command& notify, const CommandText& text, const NotifyRoute& route) {
  Command& command = notify.add_command(text);
  auto arguments = std::make_shared<NotifyArguments>();
  if (route.has_target) command.add_argument("ID", arguments->target, "the user's id");
  command.add_argument("EVENT_TYPE", arguments->event_type, "the event's type: grade_received");
  finish(command, arguments, route);
}

void add_body_command(Command& notify,
                      const CommandText& text,
                      std::string_view target_name,
                      const NotifyRoute& route) {
  Command& command = notify.add_command(text);
  auto arguments = std::make_shared<NotifyArguments>();
  if (route.has_target) command.add_argument(target_name, arguments->target, "who gets it");
  finish(command, arguments, route);
}

}  // namespace

void add_notify_command(Command& root) {
  using http::Method;
  Command& notify = root.add_command(
      {.name = "notify",
       .summary = "Publish an event to whoever is connected",
       .description =
           "Publish an event through the running server. It is found by --url or by the "
           "configured bind, and authorised by the first of CARILLON_API_KEYS, else by a "
           "token signed with SECRET_KEY. With --via the event goes into the channel layer as "
           "Django's do: servers and consumers get it, but notifications are not stored, and "
           "nothing tells whether anybody listens.",
       .examples = kExamples});
  add_event_command(
      notify, {.name = "dashboard", .summary = "An event to every dashboard"},
      {Method::kPost, "/api/realtime/dashboard/", false, event_body, dashboard_notice});
  add_body_command(
      notify,
      {.name = "user", .summary = "A notification to a user: stored (not with --via), then pushed"},
      "ID", {Method::kPost, "/api/realtime/users/", true, notification_body, user_notice});
  add_event_command(notify, {.name = "mentor", .summary = "An event to a mentor"},
                    {Method::kPost, "/api/realtime/mentors/", true, event_body, mentor_notice});
  add_event_command(notify, {.name = "student", .summary = "An event to a student"},
                    {Method::kPost, "/api/realtime/students/", true, event_body, student_notice});
  add_body_command(
      notify, {.name = "leaderboard", .summary = "A new leaderboard, a list of rows"}, "",
      {Method::kPut, "/api/realtime/leaderboard/", false, leaderboard_body, leaderboard_notice});
  add_body_command(notify, {.name = "group", .summary = "Any event to any group"}, "GROUP",
                   {Method::kPost, "/api/realtime/groups/", true, group_body, group_notice});
}

}  // namespace carillon::cmd
