// `carillon bench`: load from the outside.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_bench(Command& root);

}  // namespace carillon::cmd
