// `carillon test-websocket`: the running system as a user meets it, and where it breaks.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_test_websocket_command(Command& root);

}  // namespace carillon::cmd
