#include "cmd/check.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include "carillon/auth/authenticator.h"
#include "carillon/auth/permission.h"
#include "carillon/directory/probe.h"
#include "carillon/json/writer.h"
#include "cmd/deploy_check.h"
#include "cmd/findings.h"
#include "cmd/redis_check.h"
#include "cmd/setting_arguments.h"

namespace carillon::cmd {
namespace {

struct Arguments {
  std::shared_ptr<SettingArguments> settings;
  bool is_deploy = false;
  bool is_json = false;
};

uint64_t hard_descriptor_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

// "SECRET_KEY: is not set; set it" -> subject, what and remedy.
Finding finding_of(const Error& error) {
  Finding finding{Verdict::kBad, error.code, error.what};
  const size_t colon = finding.what.find(": ");
  if (colon != std::string::npos) {
    finding.subject = finding.what.substr(0, colon);
    finding.what.erase(0, colon + 2);
  }
  const size_t semicolon = finding.what.find("; ");
  if (semicolon != std::string::npos) {
    finding.remedy = finding.what.substr(semicolon + 2);
    finding.what.erase(semicolon);
  }
  return finding;
}

Finding sources_finding(const config::Loaded& loaded) {
  size_t given_count = 0;
  for (const config::Origin& origin : loaded.origins)
    given_count += origin.source != "default" ? 1 : 0;
  return {Verdict::kGood, "settings",
          fmt::format("{} given, {} by default (`carillon config` lists them)", given_count,
                      loaded.origins.size() - given_count)};
}

void add_directory_findings(const config::AuthSettings& auth,
                            const Clock& clock,
                            std::vector<Finding>& findings) {
  for (const directory::Probe& probe : directory::probe_directories(auth, clock)) {
    findings.push_back(probe.outcome ? Finding{Verdict::kGood, probe.setting, "it answers"}
                                     : finding_of(probe.outcome.error()));
  }
}

// What would stop the server or some of its users, beyond what load() has already refused.
// With `is_deploy` the missing secret is left to the findings for deployment.
std::vector<Finding> findings_of(const config::Loaded& loaded, bool is_deploy, const Clock& clock) {
  const config::Settings& settings = loaded.settings;
  std::vector<Finding> findings = {sources_finding(loaded)};
  for (const std::string& warning : loaded.warnings) {
    Finding finding = finding_of({"warning", warning});
    finding.verdict = Verdict::kWarning;
    findings.push_back(std::move(finding));
  }
  for (const Error& error : config::validate_for_serving(settings)) {
    findings.push_back(finding_of(error));
  }
  const bool has_secret = !settings.auth.secret_key.empty();
  const bool has_key =
      !settings.auth.public_key_file.empty() || !settings.auth.key_set_file.empty();
  if (has_secret || has_key) {
    const auto authenticator = auth::Authenticator::make(settings.auth, clock);
    findings.push_back(authenticator ? Finding{Verdict::kGood, "tokens", "the keys can be used"}
                                     : finding_of(authenticator.error()));
  } else if (!is_deploy) {
    findings.push_back({Verdict::kWarning, "SECRET_KEY",
                        "is not set: `serve` makes one for the demonstration",
                        "set it to the backend's, so that its tokens are accepted"});
  }
  add_directory_findings(settings.auth, clock, findings);
  const auto of_layer = layer_findings(settings, clock);
  findings.insert(findings.end(), of_layer.begin(), of_layer.end());
  for (const config::EndpointSettings& endpoint : settings.endpoints) {
    const auto permission = auth::Permission::parse(endpoint.allow);
    if (!permission) findings.push_back(finding_of(permission.error()));
  }
  findings.push_back(
      {Verdict::kGood, "endpoints", fmt::format("{} are declared", settings.endpoints.size())});
  return findings;
}

ExitCode run(const Arguments& arguments, Context& context) {
  const auto loaded = config::load(load_options(*arguments.settings, context));
  std::vector<Finding> findings;
  if (loaded) {
    findings = findings_of(*loaded, arguments.is_deploy, context.clock);
    if (arguments.is_deploy) {
      const auto more = deploy_findings(loaded->settings, hard_descriptor_limit());
      findings.insert(findings.end(), more.begin(), more.end());
    }
  } else {
    for (const Error& error : loaded.error()) findings.push_back(finding_of(error));
  }
  const bool is_good = !has_bad(findings);
  if (arguments.is_json) {
    context.console.print_line(json::to_json(
        json::Value::object({{"ok", is_good}, {"findings", findings_json(findings)}})));
  } else {
    print_findings(findings, context.console);
  }
  if (!loaded) return ExitCode::kConfiguration;
  return is_good ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

void add_check_command(Command& root) {
  Command& command = root.add_command(
      {.name = "check",
       .summary = "Validate every setting, and say how to mend what is wrong",
       .description = "Validate every setting and say how to mend what is wrong. Exits with 1 when "
                      "something is (✗), with 3 when the settings cannot be read at all; warnings "
                      "(!) are for you to judge.",
       .examples = "  carillon check\n  carillon check --deploy --env-file production.env\n"});
  auto arguments = std::make_shared<Arguments>();
  command.add_flag("--deploy", arguments->is_deploy, "also what matters once others can reach it");
  command.add_flag("--json", arguments->is_json, "print JSON");
  arguments->settings = add_setting_options(command, SettingScope::kAll);
  command.on_run([arguments](Context& context) { return run(*arguments, context); });
}

}  // namespace carillon::cmd
