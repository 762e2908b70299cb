#include "cmd/send_test_notification.h"

#include "carillon/http/uri.h"
#include "cmd/server_access.h"

namespace carillon::cmd {
namespace {

struct Arguments {
  std::shared_ptr<ClientArguments> client;
  std::string user_id;
  std::string title = "Test notification";
  std::string message = "This is a test notification";
  std::string type = "info";
};

ExitCode run(const Arguments& arguments, Context& context) {
  json::Value notification = json::Value::object(
      {{"title", arguments.title}, {"message", arguments.message}, {"type", arguments.type}});
  const PublishRequest request = {
      .method = http::Method::kPost,
      .path = "/api/realtime/users/" + http::percent_encode(arguments.user_id) + '/',
      .body = json::Value::object({{"notification", std::move(notification)}})};
  return publish(*arguments.client, request, context);
}

}  // namespace

void add_send_test_notification_command(Command& root) {
  Command& command = root.add_command(
      {.name = "send-test-notification",
       .summary = "Store and push one notification to a user",
       .description = "Store one notification in a user's inbox and push it to every page that the "
                      "user has open.",
       .examples =
           "  carillon send-test-notification --user-id 1\n"
           "  carillon send-test-notification --user-id 7 --title 'Graded' --message '92 of "
           "100' --type success\n",
       .alias = "send_test_notification"});
  auto arguments = std::make_shared<Arguments>();
  command.add_option("--user-id", arguments->user_id, "ID", "whom to notify");
  command.require_last();
  command.add_option("--title", arguments->title, "TEXT", "its heading");
  command.add_option("--message", arguments->message, "TEXT", "its text");
  command.add_option("--type", arguments->type, "TYPE", "its kind, for the page to show");
  arguments->client = add_client_options(command);
  command.on_run([arguments](Context& context) { return run(*arguments, context); });
}

}  // namespace carillon::cmd
