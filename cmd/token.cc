#include "cmd/token.h"

#include <fmt/core.h>

#include <algorithm>

#include "carillon/auth/authenticator.h"
#include "carillon/auth/mint.h"
#include "carillon/config/value.h"
#include "carillon/json/writer.h"
#include "cmd/input.h"
#include "cmd/setting_arguments.h"
#include "cmd/time_text.h"
#include "cmd/token_view.h"

namespace carillon::cmd {
namespace {

struct IssueArguments {
  std::shared_ptr<SettingArguments> settings;
  std::string user_id, role;
  std::string ttl = "15m";
  bool is_staff = false;
  bool is_json = false;
};

struct ReadArguments {
  std::shared_ptr<SettingArguments> settings;
  std::string token;
  bool is_json = false;
};

bool is_user_id(std::string_view text) {
  constexpr size_t kUserIdMax = 64;
  return !text.empty() && text.size() <= kUserIdMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

// The lifetime in seconds, or what is wrong with the arguments.
Result<int64_t, Error> check(const IssueArguments& arguments) {
  constexpr uint64_t kYearMs = 366ULL * 86'400'000;
  const std::string_view role = arguments.role;
  if (!is_user_id(arguments.user_id)) {
    return Err(Error{"bad_user",
                     "--user-id: use 1 to 64 letters, digits, _, . and -: it becomes part "
                     "of a group's name"});
  }
  if (!role.empty() && role != "student" && role != "mentor" && role != "admin") {
    return Err(
        Error{"bad_role", fmt::format("--role: '{}' is none of student, mentor, admin", role)});
  }
  const auto ttl_ms = config::parse_duration_ms(arguments.ttl);
  if (!ttl_ms || *ttl_ms < 1'000 || *ttl_ms > kYearMs) {
    return Err(
        Error{"bad_ttl", fmt::format("--ttl: '{}' is not between 1s and 366d; give one such as "
                                     "15m",
                                     arguments.ttl)});
  }
  return static_cast<int64_t>(*ttl_ms / 1'000);
}

ExitCode issue(const IssueArguments& arguments, Context& context) {
  const auto ttl_s = check(arguments);
  if (!ttl_s) {
    context.console.complain(ttl_s.error());
    return ExitCode::kUsage;
  }
  const auto loaded = load_client_settings(*arguments.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  const int64_t now_s = context.clock.wall_s();
  const std::string token = auth::mint_token(loaded->settings.auth, {.user_id = arguments.user_id,
                                                                     .role = arguments.role,
                                                                     .is_staff = arguments.is_staff,
                                                                     .ttl_s = *ttl_s,
                                                                     .now_s = now_s});
  if (token.empty()) {
    context.console.complain(
        "SECRET_KEY: is not set here, or auth.algorithms has no HS algorithm; set it to the "
        "server's "
        "(environment, .env or carillon.toml): only a shared secret can sign");
    return ExitCode::kConfiguration;
  }
  if (!arguments.is_json) {
    context.console.print_line(token);
    return ExitCode::kDone;
  }
  context.console.print_line(json::to_json(json::Value::object(
      {{"token", token}, {"user_id", arguments.user_id}, {"expires_at", now_s + *ttl_s}})));
  return ExitCode::kDone;
}

// The token itself, from the argument or standard input, without what copying brings along.
Result<std::string, Error> token_text(const ReadArguments& arguments, const Console& console) {
  constexpr std::string_view kBearer = "Bearer ";
  CARILLON_TRY(const std::string given,
               argument_or_input(arguments.token, console.input(), console.is_interactive()));
  std::string_view text = config::trim(given);
  if (text.starts_with(kBearer)) text = config::trim(text.substr(kBearer.size()));
  if (!text.empty()) return std::string(text);
  return Err(Error{"missing", "TOKEN: is missing; give it as the argument or on standard input"});
}

std::string time_line(const TokenView& token, std::string_view claim, int64_t now_s) {
  const auto at = token.time(claim);
  return at ? fmt::format("{} ({})", utc_text(*at), distance_text(*at, now_s)) : std::string();
}

void print_token(const TokenView& token, const config::AuthSettings& auth, Context& context) {
  const int64_t now_s = context.clock.wall_s();
  const auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) context.console.print_line(fmt::format("{:<10}{}", name, value));
  };
  row("user", token.text(auth.user_id_claim));
  row("type", token.text("token_type"));
  row("issued", time_line(token, "iat", now_s));
  row("from", time_line(token, "nbf", now_s));
  row("expires", time_line(token, "exp", now_s));
  row("header", json::to_json(token.header));
  row("claims", json::to_json(token.claims));
}

ExitCode inspect(const ReadArguments& arguments, Context& context) {
  const auto text = token_text(arguments, context.console);
  if (!text) {
    context.console.complain(text.error());
    return ExitCode::kUsage;
  }
  const auto loaded = load_settings(*arguments.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  const auto token = read_token(*text);
  if (!token) {
    context.console.complain(token.error());
    return ExitCode::kCheckFailed;
  }
  if (arguments.is_json) {
    context.console.print_line(
        json::to_json(json::Value::object({{"header", token->header}, {"claims", token->claims}})));
    return ExitCode::kDone;
  }
  print_token(*token, loaded->settings.auth, context);
  context.console.note("note: not verified; `carillon token verify` says whether it is accepted");
  return ExitCode::kDone;
}

json::Value roles_of(const auth::Identity& identity) {
  json::Value roles = json::Value::array();
  if ((identity.roles & auth::kStudent) != 0) roles.as_array()->push_back("student");
  if ((identity.roles & auth::kMentor) != 0) roles.as_array()->push_back("mentor");
  if ((identity.roles & auth::kAdmin) != 0) roles.as_array()->push_back("admin");
  return roles;
}

std::string describe(const auth::Identity& identity, int64_t now_s) {
  std::string roles;
  const json::Value names = roles_of(identity);
  for (const json::Value& role : *names.as_array()) {
    roles += roles.empty() ? *role.as_string() : ", " + *role.as_string();
  }
  if (!identity.is_role_known) roles = "unknown";
  return fmt::format("valid: user {}, role {}{}, expires {}", identity.user_id,
                     roles.empty() ? "none" : roles, identity.is_staff ? ", staff" : "",
                     distance_text(identity.expires_at_s, now_s));
}

ExitCode report_identity(const auth::Identity& identity, bool is_json, Context& context) {
  if (!is_json) {
    context.console.print_line(describe(identity, context.clock.wall_s()));
    return ExitCode::kDone;
  }
  context.console.print_line(json::to_json(json::Value::object({
      {"valid", true},
      {"user_id", identity.user_id},
      {"roles", roles_of(identity)},
      {"is_staff", identity.is_staff},
      {"is_role_known", identity.is_role_known},
      {"expires_at", identity.expires_at_s},
  })));
  return ExitCode::kDone;
}

ExitCode verify(const ReadArguments& arguments, Context& context) {
  const auto text = token_text(arguments, context.console);
  if (!text) {
    context.console.complain(text.error());
    return ExitCode::kUsage;
  }
  const auto loaded = load_client_settings(*arguments.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  auto authenticator = auth::Authenticator::make(loaded->settings.auth, context.clock);
  if (!authenticator) {
    context.console.complain(authenticator.error());
    return ExitCode::kConfiguration;
  }
  const auto identity = (*authenticator)->authenticate(*text);
  if (identity) return report_identity(*identity, arguments.is_json, context);
  if (arguments.is_json) {
    context.console.print_line(
        json::to_json(json::Value::object({{"valid", false},
                                           {"code", auth::slug(identity.error())},
                                           {"detail", auth::explain(identity.error())}})));
  }
  context.console.complain(fmt::format("token refused: {}", auth::explain(identity.error())));
  return ExitCode::kCheckFailed;
}

void add_issue_command(Command& token) {
  Command& command = token.add_command(
      {.name = "issue",
       .summary = "Print a new access token",
       .description = "Print an access token as djangorestframework-simplejwt makes them, signed "
                      "with SECRET_KEY. Nothing else goes to standard output.",
       .examples = "  carillon token issue --user-id 7 --role student --ttl 1h\n"
                   "  wscat -c \"ws://localhost:8000/ws/dashboard/?token=$(carillon token issue "
                   "--user-id 1 --staff)\"\n"});
  auto arguments = std::make_shared<IssueArguments>();
  command.add_option("--user-id", arguments->user_id, "ID", "whose token it is");
  command.require_last();
  command.add_option("--role", arguments->role, "ROLE",
                     "student, mentor or admin; default no claim");
  command.add_flag("--staff", arguments->is_staff, "add is_staff");
  command.add_option("--ttl", arguments->ttl, "DURATION", "how long it is good");
  command.add_flag("--json", arguments->is_json, "print JSON");
  arguments->settings = add_setting_options(command, SettingScope::kAuth);
  command.on_run([arguments](Context& context) { return issue(*arguments, context); });
}

std::shared_ptr<ReadArguments> add_read_options(Command& command) {
  auto arguments = std::make_shared<ReadArguments>();
  command.add_argument("TOKEN", arguments->token, "default: what stands on standard input",
                       Need::kOptional);
  command.add_flag("--json", arguments->is_json, "print JSON");
  arguments->settings = add_setting_options(command, SettingScope::kAuth);
  return arguments;
}

}  // namespace

void add_token_command(Command& root) {
  Command& token =
      root.add_command({.name = "token", .summary = "Issue, inspect or verify a token"});
  add_issue_command(token);
  Command& inspecting = token.add_command(
      {.name = "inspect",
       .summary = "Show what a token says, without verifying it",
       .examples =
           "  carillon token inspect eyJhbGciOi…\n  pbpaste | carillon token inspect --json\n"});
  auto inspected = add_read_options(inspecting);
  inspecting.on_run([inspected](Context& context) { return inspect(*inspected, context); });
  Command& verifying = token.add_command(
      {.name = "verify",
       .summary = "Say whether the server would accept a token, and if not, why",
       .examples = "  carillon token issue --user-id 7 | carillon token verify\n"});
  auto verified = add_read_options(verifying);
  verifying.on_run([verified](Context& context) { return verify(*verified, context); });
}

}  // namespace carillon::cmd
