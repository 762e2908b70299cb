// What `carillon` returns to the shell.
#pragma once

#include <cstdint>

namespace carillon::cmd {

enum class ExitCode : uint8_t {
  kDone = 0,
  kCheckFailed = 1,    // the answer is no: a check, a refused token, a refused publish
  kUsage = 2,          // the command line
  kConfiguration = 3,  // the settings
  kUnreachable = 4,    // nobody answers
};

}  // namespace carillon::cmd
