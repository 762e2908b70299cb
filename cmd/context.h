// What every command is given: where it speaks, what time it is, what surrounds it.
#pragma once

#include <string>

#include "carillon/base/clock.h"
#include "carillon/config/load.h"
#include "cmd/console.h"

namespace carillon::cmd {

// Lives as long as the command runs; one thread.
struct Context {
  Console& console;
  const Clock& clock;
  config::Pairs environment;  // of the process
};

}  // namespace carillon::cmd
