// carillon.toml as flat entries with their lines; the only place that knows the TOML library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/config/value.h"

namespace carillon::config {

struct FileEntry {
  std::string key;  // "limits.ping_interval"; inside an endpoint its own: "path"
  RawValue value;
  uint32_t line = 0;
  std::string problem;  // empty, or why its value is no setting's
};

struct FileEndpoint {
  std::vector<FileEntry> entries;
  uint32_t line = 0;
};

struct TomlFile {
  std::vector<FileEntry> entries;
  std::vector<FileEndpoint> endpoints;  // the [[endpoints]] tables
};

struct SyntaxProblem {
  std::string what;
  uint32_t line = 0;
};

Result<TomlFile, SyntaxProblem> parse_toml_file(std::string_view text);

}  // namespace carillon::config
