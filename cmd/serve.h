// `carillon serve`: the server itself.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_serve_command(Command& root);

}  // namespace carillon::cmd
