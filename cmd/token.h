// `carillon token`: issue, inspect and verify access tokens.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_token_command(Command& root);

}  // namespace carillon::cmd
