#include "cmd/test_websocket.h"

#include "carillon/json/writer.h"
#include "cmd/websocket_check.h"

namespace carillon::cmd {
namespace {

struct Arguments {
  std::shared_ptr<ClientArguments> client;
  std::string token;
};

ExitCode run(const Arguments& arguments, Context& context) {
  const auto loaded = load_client_settings(*arguments.client->settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  const auto server = locate_server(*arguments.client, loaded->settings);
  if (!server) {
    context.console.complain(server.error());
    return ExitCode::kUsage;
  }
  WebsocketCheck check(*server, loaded->settings, context.clock, arguments.token);
  check.run();
  if (arguments.client->is_json) {
    context.console.print_line(
        json::to_json(json::Value::object({{"ok", check.has_passed()},
                                           {"url", server->url.text()},
                                           {"steps", steps_json(check.steps())}})));
  } else {
    print_steps(check.steps(), context.console);
  }
  return check.has_passed() ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

void add_test_websocket_command(Command& root) {
  Command& command = root.add_command(
      {.name = "test-websocket",
       .summary = "Check the running server as a user would, and say where it breaks",
       .description =
           "Check the running server as a user would: reach it, send an event through the channel "
           "layer and back (where Redis is configured here), connect a WebSocket with a token, "
           "publish an event over HTTP and receive it. The user and its group are made up for the "
           "test, so nobody else sees the event. Exits with 0 when every step is ✓, with 1 when "
           "one is ✗.",
       .examples = "  carillon test-websocket\n"
                   "  carillon test-websocket --url http://10.0.0.5:8000 --json\n"
                   "  carillon test-websocket --token \"$TOKEN\"       is this user's token the "
                   "trouble?\n",
       .alias = "test_websocket"});
  auto arguments = std::make_shared<Arguments>();
  command.add_option("--token", arguments->token, "TOKEN", "a user's own; default one is made");
  arguments->client = add_client_options(command);
  command.on_run([arguments](Context& context) { return run(*arguments, context); });
}

}  // namespace carillon::cmd
