#include "cmd/config.h"

#include <algorithm>

#include "carillon/config/schema.h"
#include "carillon/json/writer.h"
#include "cmd/help_text.h"
#include "cmd/setting_arguments.h"

namespace carillon::cmd {
namespace {

struct Arguments {
  std::shared_ptr<SettingArguments> settings;
  bool is_json = false;
  bool is_markdown = false;
  bool is_changed_only = false;
};

std::string padded(std::string_view text, size_t columns) {
  std::string out(text);
  out.append(columns - std::min(columns, column_count(text)), ' ');
  return out;
}

void print_table(const std::vector<config::Origin>& origins, Console& console) {
  constexpr size_t kValueMax = 40;  // a longer value pushes its source aside
  size_t key_columns = 0;
  size_t value_columns = 0;
  for (const config::Origin& origin : origins) {
    key_columns = std::max(key_columns, origin.key.size());
    const size_t columns = column_count(origin.value);
    if (columns <= kValueMax) value_columns = std::max(value_columns, columns);
  }
  for (const config::Origin& origin : origins) {
    const bool is_default = origin.source == "default";
    console.print_line(padded(origin.key, key_columns) + "  " +
                       padded(origin.value, value_columns) + "  " +
                       console.paint(is_default ? Color::kDim : Color::kGreen, origin.source));
  }
}

void print_json(const std::vector<config::Origin>& origins, Console& console) {
  json::Value all = json::Value::array();
  for (const config::Origin& origin : origins) {
    all.as_array()->push_back(json::Value::object(
        {{"key", origin.key}, {"value", origin.value}, {"source", origin.source}}));
  }
  console.print_line(json::to_json(all));
}

ExitCode run(const Arguments& arguments, Context& context) {
  if (arguments.is_markdown) {
    context.console.print(config::settings_markdown());
    return ExitCode::kDone;
  }
  auto loaded = load_settings(*arguments.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  auto& origins = loaded->origins;
  if (arguments.is_changed_only) {
    std::erase_if(origins, [](const config::Origin& origin) { return origin.source == "default"; });
  }
  if (arguments.is_json) {
    print_json(origins, context.console);
  } else {
    print_table(origins, context.console);
  }
  return ExitCode::kDone;
}

}  // namespace

void add_config_command(Command& root) {
  Command& command = root.add_command(
      {.name = "config",
       .summary = "Show the effective settings and where each came from",
       .description = "Show every setting with its effective value and the flag, variable or line "
                      "that it came from. Secrets are masked.",
       .examples = "  carillon config --changed\n"
                   "  CARILLON_WORKERS=4 carillon config --json | jq '.[] | "
                   "select(.key==\"workers\")'\n"
                   "  carillon config --markdown > docs/SETTINGS.md\n"});
  auto arguments = std::make_shared<Arguments>();
  command.add_flag("--changed", arguments->is_changed_only,
                   "only those that differ from the default");
  command.add_flag("--json", arguments->is_json, "print JSON");
  command.add_flag("--markdown", arguments->is_markdown, "print the documentation of all settings");
  arguments->settings = add_setting_options(command, SettingScope::kAll);
  command.on_run([arguments](Context& context) { return run(*arguments, context); });
}

}  // namespace carillon::cmd
