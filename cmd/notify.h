// `carillon notify`: the publishing helpers from a shell or cron.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_notify_command(Command& root);

}  // namespace carillon::cmd
