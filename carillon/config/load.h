// Flags, environment, .env and carillon.toml into Settings: flag before environment before .env
// before file before default. All errors at once, each with the file and line it stands in.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"

namespace carillon::config {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct LoadOptions {
  Pairs flags;        // setting key ("limits.ping_interval") and text; a list's key may repeat
  Pairs environment;  // environment_pairs() or a test's own
  std::string env_file = ".env";
  std::string toml_file = "carillon.toml";
  // Another .env, weaker than all of the above; empty: none. For what the demonstration left.
  std::string base_env_file{};
  // A missing file is an error only if it was asked for by name.
  bool is_env_file_required = false;
  bool is_toml_file_required = false;
};

// Where one effective value came from.
struct Origin {
  std::string key;
  std::string
      source;  // "--bind", "CARILLON_BIND", ".env:3 SECRET_KEY", "carillon.toml:12", "default"
  std::string value;  // printable; secrets are masked
};

struct Loaded {
  Settings settings;
  std::vector<Origin> origins;  // every setting, in the order of the schema, then the endpoints
  std::vector<std::string> warnings;
};

// Reads the two files, nothing else. The errors are never empty.
Result<Loaded, std::vector<Error>> load(const LoadOptions& options);

// The process's environment. Call it before threads start.
Pairs environment_pairs();

// What is legal as a setting but not for serving: no or a weak secret beyond loopback, no
// ALLOWED_HOSTS there, a layer or store this build does not have. Empty: go ahead.
std::vector<Error> validate_for_serving(const Settings& settings);

}  // namespace carillon::config
