// The standard streams of a command; colours on a terminal only, and never with NO_COLOR.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "carillon/base/error.h"

namespace carillon::cmd {

// `text` with a space for each control character: what a server said must neither break a line nor
// drive the terminal.
std::string one_line(std::string_view text);

enum class Color : uint8_t { kGreen, kRed, kYellow, kDim, kBold };

// One thread. The streams are borrowed; for tests they may be any file.
class Console {
 public:
  struct Options {
    std::FILE* out = stdout;
    std::FILE* error = stderr;
    std::FILE* in = stdin;
    bool is_colored = false;        // standard output
    bool is_error_colored = false;  // standard error
    bool is_interactive = false;    // standard input is a terminal: do not wait for it
  };
  explicit Console(const Options& options) : options_(options) {}

  // The real streams. NO_COLOR (any text) and TERM=dumb switch colours off.
  static Options from_process(bool has_no_color, std::string_view term);

  // Data: to standard output, flushed, so that a pipe sees it at once.
  void print(std::string_view text);
  void print_line(std::string_view text);
  // For the person: one line to standard error.
  void note(std::string_view text);
  // `error: what`, as one line to standard error.
  void complain(std::string_view what);
  void complain(const Error& error) { complain(error.what); }

  // `text` in colour where standard output has it.
  std::string paint(Color color, std::string_view text) const;
  std::FILE* input() const noexcept { return options_.in; }
  bool is_interactive() const noexcept { return options_.is_interactive; }

 private:
  Options options_;
};

}  // namespace carillon::cmd
