// The .env file: NAME=value lines as Django projects keep them. Pure.
//
//   NAME=plain text    # a comment after a space
//   export NAME="double quoted: \n \t \" \\ \$ are understood, and it may span lines"
//   NAME='single quoted: nothing is special'
//
// Nothing is interpolated: ${OTHER} stays as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::config {

struct EnvEntry {
  std::string name;
  std::string value;
  uint32_t line = 0;
};

struct EnvProblem {
  std::string what;  // never holds a value
  uint32_t line = 0;
};

struct EnvFile {
  std::vector<EnvEntry> entries;  // in their order; of a repeated name the last counts
  std::vector<EnvProblem> problems;
};

EnvFile parse_env_file(std::string_view text);

}  // namespace carillon::config
