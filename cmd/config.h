// `carillon config`: the effective settings and where each came from.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_config_command(Command& root);

}  // namespace carillon::cmd
