#include "cmd/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "carillon/config/nearest.h"
#include "cmd/help_text.h"

namespace carillon::cmd {
namespace {

constexpr const char* kOptionsHeading = "Options";

class CliCommand final : public Command {
 public:
  // `app` is owned by its parent app, the root by Program.
  CliCommand(CLI::App& app, const CommandText& text, std::string path)
      : app_(app), path_(std::move(path)) {
    help_.description = text.description.empty() ? text.summary : text.description;
    help_.examples = text.examples;
    app_.set_help_flag("-h,--help", "");
    app_.formatter_fn(
        [this](const CLI::App*, const std::string&, CLI::AppFormatMode) { return help(); });
  }

  Command& add_command(const CommandText& text) override {
    CLI::App* child = app_.add_subcommand(std::string(text.name));
    if (!text.alias.empty()) child->alias(std::string(text.alias));
    app_.require_subcommand(1);
    commands_.push_back({std::string(text.name), std::string(text.summary), "Commands"});
    children_.push_back(
        std::make_unique<CliCommand>(*child, text, path_ + ' ' + std::string(text.name)));
    return *children_.back();
  }

  void add_option(std::string_view names,
                  std::string& value,
                  std::string_view value_name,
                  std::string_view help) override {
    last_ = app_.add_option(std::string(names), value);
    add_row(names, value_name, help, value);
  }

  void add_option(std::string_view names,
                  std::vector<std::string>& values,
                  std::string_view value_name,
                  std::string_view help) override {
    last_ = app_.add_option(std::string(names), values)->allow_extra_args(false);
    add_row(names, value_name, help, "");
  }

  void add_option(std::string_view names,
                  uint64_t& value,
                  std::string_view value_name,
                  std::string_view help) override {
    last_ = app_.add_option(std::string(names), value);
    add_row(names, value_name, help, fmt::format("{}", value));
  }

  void add_option(std::string_view names,
                  double& value,
                  std::string_view value_name,
                  std::string_view help) override {
    last_ = app_.add_option(std::string(names), value);
    add_row(names, value_name, help, fmt::format("{}", value));
  }

  void add_flag(std::string_view names, bool& is_given, std::string_view help) override {
    last_ = app_.add_flag(std::string(names), is_given);
    add_row(names, "", help, "");
  }

  void add_callback(std::string_view names,
                    std::string_view value_name,
                    std::string_view help,
                    std::function<void(const std::string&)> on_value) override {
    if (value_name.empty()) {
      last_ = app_.add_flag_callback(std::string(names), [on_value] { on_value({}); });
    } else {
      const CLI::callback_t on_values = [on_value](const CLI::results_t& values) {
        for (const std::string& value : values) on_value(value);
        return true;
      };
      last_ = app_.add_option(std::string(names), on_values)
                  ->expected(1, CLI::detail::expected_max_vector_size)
                  ->allow_extra_args(false);
    }
    add_row(names, value_name, help, "");
  }

  void add_argument(std::string_view value_name,
                    std::string& value,
                    std::string_view help,
                    Need need) override {
    last_ = app_.add_option(std::string(value_name), value);
    if (need == Need::kRequired) last_->required();
    arguments_ +=
        need == Need::kRequired ? fmt::format(" {}", value_name) : fmt::format(" [{}]", value_name);
    argument_rows_.push_back({std::string(value_name), std::string(help), "Arguments"});
  }

  void begin_group(std::string_view heading) override {
    group_ = heading.empty() ? kOptionsHeading : std::string(heading);
  }

  void require_last() override {
    last_->required();
    option_rows_.back().right += " (required)";
  }

  void on_run(std::function<ExitCode(Context&)> run) override { run_ = std::move(run); }

  void add_version_flag() {
    app_.set_version_flag("--version", "");
    add_row("--version", "", "the version", "");
  }

  // The command that the parsed line named: the deepest.
  const CliCommand& selected() const {
    for (const auto& child : children_) {
      if (child->app_.parsed()) return child->selected();
    }
    return *this;
  }

  ExitCode run(Context& context) const { return run_(context); }
  const std::string& path() const { return path_; }

  // What a word that was not expected may have meant.
  std::string nearest_name(const std::string& word) const {
    std::vector<std::string> known;
    if (word.starts_with('-')) {
      for (const CLI::Option* option : app_.get_options()) {
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
      }
      return config::nearest(word.substr(0, word.find('=')), known);
    }
    for (const HelpRow& row : commands_) known.push_back(row.left);
    return config::nearest(word, known);
  }

  std::string help() const {
    HelpText text = help_;
    text.usage = path_ + arguments_ + (commands_.empty() ? " [OPTIONS]" : " COMMAND …");
    const auto append = [&](const std::vector<HelpRow>& rows) {
      text.rows.insert(text.rows.end(), rows.begin(), rows.end());
    };
    append(commands_);
    append(argument_rows_);
    // Its own options first, then --help, then the groups of settings.
    for (const HelpRow& row : option_rows_) {
      if (row.group == kOptionsHeading) text.rows.push_back(row);
    }
    text.rows.push_back({"-h, --help", "this text", kOptionsHeading});
    for (const HelpRow& row : option_rows_) {
      if (row.group != kOptionsHeading) text.rows.push_back(row);
    }
    return render_help(text);
  }

 private:
  void add_row(std::string_view names,
               std::string_view value_name,
               std::string_view help,
               const std::string& preset) {
    std::string left;
    for (const char c : names) left += c == ',' ? std::string(", ") : std::string(1, c);
    if (!value_name.empty()) left += fmt::format(" {}", value_name);
    std::string right(help);
    if (!preset.empty() && preset != "0") right += fmt::format(" (default {})", preset);
    option_rows_.push_back({std::move(left), std::move(right), group_});
  }

  CLI::App& app_;
  std::string path_;  // "carillon token issue"
  HelpText help_;
  std::string arguments_;
  std::string group_ = kOptionsHeading;
  std::vector<HelpRow> commands_, argument_rows_, option_rows_;
  CLI::Option* last_ = nullptr;
  std::vector<std::unique_ptr<CliCommand>> children_;
  std::function<ExitCode(Context&)> run_;
};

}  // namespace

struct CommandLine::Program {
  explicit Program(const CommandText& text) : root(app, text, std::string(text.name)) {
    app.name(std::string(text.name));
  }

  // One line: what is wrong, what may have been meant, where to read on.
  std::string explain(const CLI::ParseError& error) {
    const CliCommand& command = root.selected();
    std::string what = one_line(error.what());
    const std::vector<std::string> extras = app.remaining(true);
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && !extras.empty()) {
      what = fmt::format("{}: not expected here", extras.front());
      const std::string guess = command.nearest_name(extras.front());
      if (!guess.empty()) what += fmt::format("; did you mean {}?", guess);
    } else if (error.get_name() == "RequiredError" && what.find("subcommand") != what.npos) {
      what = fmt::format("{}: needs a command", command.path());
      if (!extras.empty()) {
        const std::string guess = command.nearest_name(extras.front());
        what = fmt::format("{}: no such command", extras.front());
        if (!guess.empty()) what += fmt::format("; did you mean {}?", guess);
      }
    }
    return fmt::format("{} (see {} --help)", what, command.path());
  }

  CLI::App app;
  CliCommand root;
  std::string version;
};

CommandLine::CommandLine(const CommandText& text) : program_(std::make_unique<Program>(text)) {}
CommandLine::~CommandLine() = default;

Command& CommandLine::root() {
  return program_->root;
}

void CommandLine::set_version(std::string_view text) {
  program_->version = text;
  program_->root.add_version_flag();
}

int CommandLine::run(int argc, const char* const* argv, Context& context) {
  try {
    program_->app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {  // CLI11 reports by exception
    context.console.print(program_->root.selected().help());
    return static_cast<int>(ExitCode::kDone);
  } catch (const CLI::CallForVersion&) {
    context.console.print_line(program_->version);
    return static_cast<int>(ExitCode::kDone);
  } catch (const CLI::ParseError& error) {
    context.console.complain(program_->explain(error));
    return static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(program_->root.selected().run(context));
}

}  // namespace carillon::cmd
