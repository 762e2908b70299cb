// The command line: a face over CLI11, which only command_line.cc includes (it costs 7 s a file).
//
//   Command& command = parent.add_command({.name = "echo", .summary = "Prints its argument"});
//   auto text = std::make_shared<std::string>();
//   command.add_argument("TEXT", *text, "what to print");
//   command.on_run([text](Context& context) { context.console.print(*text); return kDone; });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/context.h"
#include "cmd/exit_code.h"

namespace carillon::cmd {

struct CommandText {
  std::string_view name;
  std::string_view summary;           // one line, in the list of commands
  std::string_view description = {};  // above the options; empty: the summary
  std::string_view examples = {};     // below them, as it is to be printed
  std::string_view alias = {};        // another spelling of the name
};

enum class Need : uint8_t { kOptional, kRequired };

// One command, or the program itself. Owned by its CommandLine; variables are borrowed and must
// live until run() has returned, so commands keep them in what on_run() captures. A variable that
// is given a value before is the default.
class Command {
 public:
  virtual ~Command() = default;

  virtual Command& add_command(const CommandText& text) = 0;

  // `names` as "--url" or "-u,--url". `value_name` stands for the value in the help: "URL".
  virtual void add_option(std::string_view names,
                          std::string& value,
                          std::string_view value_name,
                          std::string_view help) = 0;
  virtual void add_option(std::string_view names,
                          std::vector<std::string>& values,  // may repeat
                          std::string_view value_name,
                          std::string_view help) = 0;
  virtual void add_option(std::string_view names,
                          uint64_t& value,
                          std::string_view value_name,
                          std::string_view help) = 0;
  virtual void add_option(std::string_view names,
                          double& value,
                          std::string_view value_name,
                          std::string_view help) = 0;
  virtual void add_flag(std::string_view names, bool& is_given, std::string_view help) = 0;
  // Calls back for each time the option is given (a flag when `value_name` is empty).
  virtual void add_callback(std::string_view names,
                            std::string_view value_name,
                            std::string_view help,
                            std::function<void(const std::string& value)> on_value) = 0;
  virtual void add_argument(std::string_view value_name,
                            std::string& value,
                            std::string_view help,
                            Need need = Need::kRequired) = 0;
  // Options added from now on stand under this heading in the help; "" goes back to the usual one.
  virtual void begin_group(std::string_view heading) = 0;
  // The last option that was added must be given.
  virtual void require_last() = 0;

  virtual void on_run(std::function<ExitCode(Context&)> run) = 0;
};

// The program: its commands, its help, and the way from argv to an exit code.
class CommandLine {
 public:
  explicit CommandLine(const CommandText& text);
  ~CommandLine();

  Command& root();
  // What `--version` prints.
  void set_version(std::string_view text);
  // Parses, runs the command that was named and returns its exit code. A mistake is one line on
  // standard error, with the nearest known name, and kUsage.
  int run(int argc, const char* const* argv, Context& context);

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

}  // namespace carillon::cmd
