#include "cmd/serve.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "carillon/server/server.h"
#include "cmd/demo.h"
#include "cmd/setting_arguments.h"

namespace carillon::cmd {
namespace {

constexpr std::string_view kExamples =
    R"(  carillon serve --demo                       look at it, on http://127.0.0.1:8000
  SECRET_KEY=… carillon serve                 beside Django: the same secret, the same tokens
  carillon serve --bind 0.0.0.0:8000 --workers 4
  carillon serve --bind unix:/run/carillon.sock

SIGTERM drains: connections are sent away in slices over drain.window, then it ends with 0. SIGINT,
or a second SIGTERM, ends it at once.
)";

// Where a client on this machine reaches what is bound.
std::string url_of(const std::string& address, std::string_view scheme) {
  if (address.starts_with("unix:")) return address;
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return fmt::format("{}://{}{}", scheme, host, address.substr(colon));
}

void print_demo(const server::Server& server, const config::Settings& settings, Context& context) {
  Console& console = context.console;
  const std::string& address = server.addresses().front();
  const auto accounts = demo_accounts(settings.auth, context.clock.wall_s());
  console.print_line("");
  console.print_line(
      fmt::format("  {}  {}", console.paint(Color::kBold, "Carillon"), url_of(address, "http")));
  console.print_line("");
  console.print_line("  Demonstration accounts (choose one on the page; no password needed):");
  for (const DemoAccount& account : accounts) {
    console.print_line(
        fmt::format("    {:<5} {:<8} user {}", account.name, account.role, account.user_id));
  }
  console.print_line("");
  console.print_line("  Listen as Dana:");
  console.print_line(fmt::format("    wscat -c \"{}/ws/student/{}/?token={}\"",
                                 url_of(address, "ws"), accounts[2].user_id, accounts[2].token));
  console.print_line("  Ring her bell, from another terminal:");
  const std::string url = address.ends_with(":8000") ? "" : " --url " + url_of(address, "http");
  console.print_line(
      fmt::format("    build/release/carillon notify student 7 grade_received "
                  "'{{\"grade\":{{\"score\":92}}}}'{}",
                  url));
  console.print_line("");
}

bool is_beyond_loopback(const config::Settings& settings) {
  return std::ranges::any_of(settings.bind, [](const std::string& bind) {
    const auto address = net::Address::parse(bind);
    return address && !address->is_loopback();
  });
}

// The demonstration, and a server on loopback without a secret, get one that stays the same; it
// lies below everything that the user sets himself.
std::optional<config::Loaded> load_serving_settings(const SettingArguments& arguments,
                                                    Context& context) {
  const auto own = config::load(load_options(arguments, context));
  if (!own) return load_settings(arguments, context);  // says what is wrong
  const config::Settings& settings = own->settings;
  const bool lacks_secret = settings.auth.secret_key.empty() && !is_beyond_loopback(settings);
  if (!settings.demo && !lacks_secret) return load_settings(arguments, context);
  if (auto made = ensure_demo_env_file(std::string(kDemoEnvFile)); !made) {
    context.console.complain(made.error());
    return std::nullopt;
  }
  if (lacks_secret) {
    context.console.note(
        fmt::format("note: SECRET_KEY is not set, using the demonstration's in {}", kDemoEnvFile));
  }
  return load_settings(arguments, context, kDemoEnvFile);
}

ExitCode run_server(const config::Loaded& loaded, Context& context) {
  const config::Settings& settings = loaded.settings;
  Console& console = context.console;
  auto problems = config::validate_for_serving(settings);
  if (settings.demo && is_beyond_loopback(settings)) {
    problems.push_back({"demo_in_public",
                        "demo: the page hands out an administrator's token; bind it to loopback, "
                        "such as --bind 127.0.0.1:8000"});
  }
  for (const Error& problem : problems) console.complain(problem);
  if (!problems.empty()) return ExitCode::kConfiguration;

  server::Server server(settings);
  if (settings.demo) server.set_page(demo_page(settings.auth, context.clock));
  auto ready = server.add_configured_endpoints();
  if (ready) ready = server.start();
  if (!ready) {
    console.complain(ready.error());
    return ExitCode::kConfiguration;
  }
  for (const std::string& address : server.addresses()) {
    server.logger().info("listening", {{"address", url_of(address, "http")},
                                       {"workers", server.worker_count()},
                                       {"connections_max", server.connections_max()},
                                       {"layer", settings.layer.printable()}});
  }
  if (settings.demo) print_demo(server, settings, context);
  server.wait_for_signal();
  server.stop();
  return ExitCode::kDone;
}

}  // namespace

void add_serve_command(Command& root) {
  Command& command = root.add_command(
      {.name = "serve",
       .summary = "Runs the server: WebSockets, the HTTP API, and with --demo a page to try it",
       .examples = kExamples});
  auto arguments = add_setting_options(command, SettingScope::kAll);
  command.on_run([arguments](Context& context) {
    const auto loaded = load_serving_settings(*arguments, context);
    return loaded ? run_server(*loaded, context) : ExitCode::kConfiguration;
  });
}

}  // namespace carillon::cmd
