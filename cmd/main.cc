// The program `carillon`: which commands there are.
#include <csignal>

#include "cmd/bench.h"
#include "cmd/check.h"
#include "cmd/command_line.h"
#include "cmd/config.h"
#include "cmd/context.h"
#include "cmd/notify.h"
#include "cmd/send_test_notification.h"
#include "cmd/serve.h"
#include "cmd/test_websocket.h"
#include "cmd/token.h"

namespace {

constexpr std::string_view kExamples =
    R"(  carillon serve --demo                  a server to look at, on http://127.0.0.1:8000
  carillon test-websocket                does it work, and if not, where does it break?
  carillon notify dashboard dashboard_update '{"active_students":41}'
  carillon check --deploy                is it fit to be reached by others?

Exit codes: 0 done, 1 a check failed, 2 usage, 3 configuration, 4 not reachable.
Settings come from flags, environment, .env and carillon.toml, in this order.
)";

std::string value_of(const carillon::config::Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace carillon::cmd;
  std::signal(SIGPIPE, SIG_IGN);
  carillon::config::Pairs environment = carillon::config::environment_pairs();
  Console console(Console::from_process(!value_of(environment, "NO_COLOR").empty(),
                                        value_of(environment, "TERM")));
  Context context{console, carillon::system_clock(), std::move(environment)};

  CommandLine line({.name = "carillon",
                    .summary =
                        "Carillon pushes events to browsers over WebSockets, beside Django or "
                        "any other backend.",
                    .examples = kExamples});
  line.set_version("carillon " CARILLON_VERSION);
  add_serve_command(line.root());
  add_test_websocket_command(line.root());
  add_send_test_notification_command(line.root());
  add_notify_command(line.root());
  add_token_command(line.root());
  add_check_command(line.root());
  add_config_command(line.root());
  add_bench(line.root());
  return line.run(argc, argv, context);
}
