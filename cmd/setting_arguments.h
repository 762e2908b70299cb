// The settings on the command line of a command, and the way from all sources to Settings.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/config/load.h"
#include "cmd/command_line.h"

namespace carillon::cmd {

// What was given; filled by the parser, read by load_settings().
struct SettingArguments {
  config::Pairs flags;
  std::string env_file;   // empty: .env if there is one
  std::string toml_file;  // empty: carillon.toml if there is one
};

enum class SettingScope : uint8_t {
  kFiles,  // --config and --env-file
  kAuth,   // and those of tokens
  kAll,    // and every other setting
};

// Adds the options of `scope` to `command`; the result lives as long as somebody holds it.
std::shared_ptr<SettingArguments> add_setting_options(Command& command, SettingScope scope);

// What load() is to be asked for.
config::LoadOptions load_options(const SettingArguments& arguments, const Context& context);

// The settings of a server that this command is to be or to look at. Errors are printed, one line
// each, and warnings as notes.
std::optional<config::Loaded> load_settings(const SettingArguments& arguments,
                                            Context& context,
                                            std::string_view base_env_file = {});

// Where `serve --demo` keeps its secret and API key, seen from the repository root.
inline constexpr std::string_view kDemoEnvFile = "build/demo/.env";

// The settings of a server to talk to. Where neither an API key nor a secret is configured, those
// of the demonstration are taken, if it has run here, with a note that says so.
std::optional<config::Loaded> load_client_settings(const SettingArguments& arguments,
                                                   Context& context);

}  // namespace carillon::cmd
