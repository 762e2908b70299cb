#include "cmd/help_text.h"

#include <algorithm>

namespace carillon::cmd {
namespace {

constexpr size_t kWidth = 92;
constexpr size_t kLeftMax = 30;  // a longer left column stands on a line of its own

void append_row(std::string& out, const HelpRow& row, size_t left_width) {
  const std::vector<std::string> lines = wrap(row.right, kWidth - left_width - 4);
  std::string line = "  " + row.left;
  if (column_count(row.left) > left_width) {
    out += line + '\n';
    line.clear();
  }
  for (const std::string& text : lines) {
    line.append(left_width + 4 - std::min(column_count(line), left_width + 4), ' ');
    out += line + text + '\n';
    line.clear();
  }
  if (lines.empty()) out += line + '\n';
}

}  // namespace

size_t column_count(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::string> wrap(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && column_count(line) + 1 + column_count(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string render_help(const HelpText& help) {
  std::string out;
  for (const std::string& line : wrap(help.description, kWidth)) out += line + '\n';
  out += "\nUsage: " + help.usage + '\n';
  size_t left_width = 0;
  for (const HelpRow& row : help.rows) {
    const size_t columns = column_count(row.left);
    if (columns <= kLeftMax) left_width = std::max(left_width, columns);
  }
  std::string_view group;
  for (const HelpRow& row : help.rows) {
    if (row.group != group) out += '\n' + row.group + ":\n";
    group = row.group;
    append_row(out, row, left_width);
  }
  if (!help.examples.empty()) out += "\nExamples:\n" + help.examples;
  return out;
}

}  // namespace carillon::cmd
