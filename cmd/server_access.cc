#include "cmd/server_access.h"

#include <fmt/core.h>

#include "carillon/auth/mint.h"
#include "carillon/config/value.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace carillon::cmd {
namespace {

constexpr int64_t kStaffTokenSeconds = 60;
constexpr std::string_view kStaffUser = "carillon-cli";

// Behind ALLOWED_HOSTS a server answers its own names only, so a request to its address names one.
std::string host_for(const Url& url, const config::Settings& settings) {
  for (const std::string& pattern : settings.allowed_hosts) {
    if (pattern == "*") break;
    return pattern.starts_with('.') ? pattern.substr(1) : pattern;
  }
  return url.authority();
}

ExitCode report(const HttpReply& reply,
                const ServerAccess& server,
                const ClientArguments& arguments,
                Context& context) {
  const auto answer = json::parse(reply.body);
  if (reply.status / 100 != 2) {
    if (arguments.is_json && answer) context.console.print_line(reply.body);
    std::string detail = detail_of(reply.body);
    if (detail.ends_with('.')) detail.pop_back();
    context.console.complain(fmt::format("{}: refused with {}{}{}; {}", server.url.text(),
                                         reply.status, detail.empty() ? "" : ": ", detail,
                                         publish_remedy(reply.status)));
    return ExitCode::kCheckFailed;
  }
  if (arguments.is_json) {
    context.console.print_line(reply.body);
    return ExitCode::kDone;
  }
  const json::Value* id = answer ? answer->find("id") : nullptr;
  const std::string* text = id == nullptr ? nullptr : id->as_string();
  context.console.print_line(text == nullptr ? "accepted" : "accepted " + *text);
  return ExitCode::kDone;
}

}  // namespace

std::shared_ptr<ClientArguments> add_client_options(Command& command) {
  auto arguments = std::make_shared<ClientArguments>();
  command.add_option("--url", arguments->url, "URL",
                     "the server; default where the settings say that it listens");
  command.add_option("--timeout", arguments->timeout, "DURATION", "how long to wait for an answer");
  command.add_flag("--json", arguments->is_json, "print JSON");
  arguments->settings = add_setting_options(command, SettingScope::kFiles);
  return arguments;
}

Result<uint64_t, Error> timeout_of(const ClientArguments& arguments) {
  const auto timeout_ms = config::parse_duration_ms(arguments.timeout);
  if (timeout_ms && *timeout_ms > 0) return *timeout_ms;
  return Err(Error{
      "bad_timeout",
      fmt::format("--timeout: '{}' is no duration; give one such as 10s", arguments.timeout)});
}

Result<ServerAccess, Error> locate_server(const ClientArguments& arguments,
                                          const config::Settings& settings) {
  ServerAccess server;
  CARILLON_TRY(server.timeout_ms, timeout_of(arguments));
  if (!arguments.url.empty()) {
    CARILLON_TRY(server.url, parse_url(arguments.url));
    server.host = server.url.authority();
    return server;
  }
  const auto address = config::parse_bind_address(settings.bind.front());  // validated by load()
  CARILLON_ASSERT(address.has_value());
  server.url = url_of(*address);
  server.host = host_for(server.url, settings);
  return server;
}

Result<std::string, Error> authorisation(const config::Settings& settings, int64_t now_s) {
  if (!settings.api_keys.empty()) return "Api-Key " + settings.api_keys.front().reveal();
  const std::string token = auth::mint_token(settings.auth, {.user_id = std::string(kStaffUser),
                                                             .role = "",
                                                             .is_staff = true,
                                                             .ttl_s = kStaffTokenSeconds,
                                                             .now_s = now_s});
  if (!token.empty()) return "Bearer " + token;
  return Err(Error{"no_credentials",
                   "CARILLON_API_KEYS: is not set here, and no SECRET_KEY to sign with either; set "
                   "one of them to the server's (environment, .env or carillon.toml)"});
}

Result<HttpReply, Error> send_publish(const ServerAccess& server,
                                      const std::string& authorisation,
                                      const PublishRequest& request,
                                      const Clock& clock) {
  http::ClientRequest sent;
  sent.method = request.method;
  sent.target = request.path;
  sent.host = server.host;
  sent.headers = {{"Authorization", authorisation}, {"Content-Type", "application/json"}};
  if (!request.idempotency_key.empty()) {
    sent.headers.emplace_back("Idempotency-Key", request.idempotency_key);
  }
  sent.body = json::to_json(request.body);
  return fetch(server.url, std::move(sent), Deadline(clock, server.timeout_ms));
}

std::string_view publish_remedy(int status) {
  switch (status) {
    case 400:
    case 422:
      return "mend what it names";
    case 401:
      return "set CARILLON_API_KEYS here to one of the server's, or SECRET_KEY to its own";
    case 403:
      return "the key or token may not publish; use an API key of the server's";
    case 404:
      return "look at --url: is that a Carillon server?";
    case 413:
      return "send less, or raise limits.body_bytes_max of the server";
    case 429:
      return "slow down, or raise limits.publish_rate_per_s of the server";
    case 502:
    case 503:
    case 504:
      return "nothing was sent; try again in a moment";
    default:
      return "look at the server's log";
  }
}

ExitCode publish(const ClientArguments& arguments,
                 const PublishRequest& request,
                 Context& context) {
  const auto loaded = load_client_settings(*arguments.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  const auto server = locate_server(arguments, loaded->settings);
  if (!server) {
    context.console.complain(server.error());
    return ExitCode::kUsage;
  }
  const auto authorised = authorisation(loaded->settings, context.clock.wall_s());
  if (!authorised) {
    context.console.complain(authorised.error());
    return ExitCode::kConfiguration;
  }
  const auto reply = send_publish(*server, *authorised, request, context.clock);
  if (!reply) {
    context.console.complain(reply.error());
    return ExitCode::kUnreachable;
  }
  return report(*reply, *server, arguments, context);
}

}  // namespace carillon::cmd
