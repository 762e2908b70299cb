// carillon.toml as flat entries with their lines; the only place that knows the TOML library.
#pragma once

#include <cstdint>
#include <optional>
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

// A value of any shape, for the one table that is not flat.
struct FileValue {
  enum class Kind : uint8_t { kText, kList, kTable };
  Kind kind = Kind::kText;
  std::string key;               // of a table's member; its case as it stands
  std::string text;              // of a plain value
  std::vector<FileValue> items;  // of a list or a table, in the order of the file
  uint32_t line = 0;
  const FileValue* find(std::string_view member) const;
};

struct TomlFile {
  std::vector<FileEntry> entries;
  std::optional<FileValue> channel_layers;  // Django's CHANNEL_LAYERS
  std::vector<FileEndpoint> endpoints;      // the [[endpoints]] tables
};

struct SyntaxProblem {
  std::string what;
  uint32_t line = 0;
};

Result<TomlFile, SyntaxProblem> parse_toml_file(std::string_view text);

}  // namespace carillon::config
