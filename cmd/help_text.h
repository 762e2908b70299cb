// The text of `--help`, laid out in two columns. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::cmd {

struct HelpRow {
  std::string left;   // "--url URL"
  std::string right;  // what it does
  std::string group;  // the heading it stands under
};

struct HelpText {
  std::string usage;
  std::string description;
  std::vector<HelpRow> rows;  // those of one group are together
  std::string examples;       // as they are
};

std::string render_help(const HelpText& help);

// Words of `text` in lines of at most `width` columns.
std::vector<std::string> wrap(std::string_view text, size_t width);

// Columns that UTF-8 `text` takes, one for each code point.
size_t column_count(std::string_view text);

}  // namespace carillon::cmd
