// `carillon check`: every setting validated, with the remedy.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_check_command(Command& root);

}  // namespace carillon::cmd
