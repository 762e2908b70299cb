#include "cmd/console.h"

#include <unistd.h>

namespace carillon::cmd {
namespace {

std::string_view escape_of(Color color) {
  switch (color) {
    case Color::kGreen:
      return "\x1b[32m";
    case Color::kRed:
      return "\x1b[31m";
    case Color::kYellow:
      return "\x1b[33m";
    case Color::kDim:
      return "\x1b[2m";
    case Color::kBold:
      return "\x1b[1m";
  }
  return {};
}

constexpr std::string_view kReset = "\x1b[0m";

std::string painted(bool is_colored, Color color, std::string_view text) {
  if (!is_colored) return std::string(text);
  std::string out(escape_of(color));
  out += text;
  out += kReset;
  return out;
}

// What cannot be written (a closed pipe) cannot be reported either.
void write(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return line;
}

Console::Options Console::from_process(bool has_no_color, std::string_view term) {
  const bool may_color = !has_no_color && term != "dumb";
  return {.out = stdout,
          .error = stderr,
          .in = stdin,
          .is_colored = may_color && isatty(STDOUT_FILENO) == 1,
          .is_error_colored = may_color && isatty(STDERR_FILENO) == 1,
          .is_interactive = isatty(STDIN_FILENO) == 1};
}

void Console::print(std::string_view text) {
  write(options_.out, text);
}

void Console::print_line(std::string_view text) {
  print(std::string(text) + '\n');
}

void Console::note(std::string_view text) {
  write(options_.error, painted(options_.is_error_colored, Color::kDim, one_line(text)) + '\n');
}

void Console::complain(std::string_view what) {
  std::string line = painted(options_.is_error_colored, Color::kRed, "error:");
  line += ' ';
  line += one_line(what);
  line += '\n';
  write(options_.error, line);
}

std::string Console::paint(Color color, std::string_view text) const {
  return painted(options_.is_colored, color, text);
}

}  // namespace carillon::cmd
