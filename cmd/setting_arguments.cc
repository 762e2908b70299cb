#include "cmd/setting_arguments.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "carillon/config/schema.h"

namespace carillon::cmd {
namespace {

// "A|B|C" where that is short.
std::string value_name_of(const config::SettingSpec& spec) {
  constexpr size_t kChoicesMax = 24;
  if (!spec.rules.choices.empty() && spec.rules.choices.size() <= kChoicesMax) {
    std::string choices(spec.rules.choices);
    std::ranges::replace(choices, ' ', '|');
    return choices;
  }
  switch (spec.rules.unit) {
    case config::Unit::kMilliseconds:
    case config::Unit::kSeconds:
      return "DURATION";
    case config::Unit::kBytes:
      return "SIZE";
    case config::Unit::kNone:
      break;
  }
  config::Settings any;
  const config::Target target = spec.target(any);
  if (std::holds_alternative<uint32_t*>(target)) return "N";
  return spec.key == "bind" || spec.key == "metrics.bind" ? "ADDRESS" : "TEXT";
}

std::string heading_of(std::string_view section) {
  if (section.empty()) return "Settings";
  if (section == "auth") return "Tokens (auth)";
  if (section == "limits") return "Limits";
  if (section == "drain") return "Drain";
  return "Logs and metrics";
}

void add_setting(Command& command,
                 const config::SettingSpec& spec,
                 const std::shared_ptr<SettingArguments>& arguments) {
  config::Settings defaults;
  const config::Target target = spec.target(defaults);
  const std::string name = flag_name(spec);
  const std::string key(spec.key);
  std::string help(spec.help);
  const std::string value = printable(target, spec.rules);
  if (!value.empty()) help += fmt::format(" (default {})", value);
  if (!std::holds_alternative<bool*>(target)) {
    command.add_callback(
        name, value_name_of(spec), help,
        [arguments, key](const std::string& text) { arguments->flags.emplace_back(key, text); });
    return;
  }
  command.add_callback(name, "", help, [arguments, key](const std::string&) {
    arguments->flags.emplace_back(key, "true");
  });
  if (value != "true") return;
  command.add_callback(
      "--no-" + name.substr(2), "", "the opposite",
      [arguments, key](const std::string&) { arguments->flags.emplace_back(key, "false"); });
}

void complain_all(const std::vector<Error>& errors, Context& context) {
  for (const Error& error : errors) context.console.complain(error);
}

std::optional<config::Loaded> load_or_complain(const config::LoadOptions& options,
                                               Context& context) {
  auto loaded = config::load(options);
  if (!loaded) {
    complain_all(loaded.error(), context);
    return std::nullopt;
  }
  for (const std::string& warning : loaded->warnings) context.console.note("warning: " + warning);
  return *std::move(loaded);
}

bool can_authorise(const config::Settings& settings) {
  return !settings.api_keys.empty() || !settings.auth.secret_key.empty();
}

}  // namespace

std::shared_ptr<SettingArguments> add_setting_options(Command& command, SettingScope scope) {
  auto arguments = std::make_shared<SettingArguments>();
  command.begin_group("Where settings come from");
  command.add_option("--config", arguments->toml_file, "FILE",
                     "the settings file; default carillon.toml, if there is one");
  command.add_option("--env-file", arguments->env_file, "FILE",
                     "environment variables; default .env, if there is one");
  if (scope == SettingScope::kFiles) {
    command.begin_group("");
    return arguments;
  }
  for (const config::SettingSpec& spec : config::schema()) {
    const std::string_view section = section_of(spec);
    if (scope == SettingScope::kAuth && section != "auth") continue;
    command.begin_group(heading_of(section));
    add_setting(command, spec, arguments);
  }
  command.begin_group("");
  return arguments;
}

config::LoadOptions load_options(const SettingArguments& arguments, const Context& context) {
  config::LoadOptions options;
  options.flags = arguments.flags;
  options.environment = context.environment;
  if (!arguments.env_file.empty()) {
    options.env_file = arguments.env_file;
    options.is_env_file_required = true;
  }
  if (!arguments.toml_file.empty()) {
    options.toml_file = arguments.toml_file;
    options.is_toml_file_required = true;
  }
  return options;
}

std::optional<config::Loaded> load_settings(const SettingArguments& arguments,
                                            Context& context,
                                            std::string_view base_env_file) {
  config::LoadOptions options = load_options(arguments, context);
  options.base_env_file = base_env_file;
  return load_or_complain(options, context);
}

std::optional<config::Loaded> load_client_settings(const SettingArguments& arguments,
                                                   Context& context) {
  config::LoadOptions options = load_options(arguments, context);
  auto loaded = load_or_complain(options, context);
  if (!loaded || can_authorise(loaded->settings)) return loaded;
  std::error_code ignored;  // a file that cannot be looked at is none
  if (!std::filesystem::exists(kDemoEnvFile, ignored)) return loaded;
  options.base_env_file = kDemoEnvFile;
  loaded = load_or_complain(options, context);
  if (loaded) {
    context.console.note(fmt::format(
        "note: nothing is configured here, using the demonstration's {}", kDemoEnvFile));
  }
  return loaded;
}

}  // namespace carillon::cmd
