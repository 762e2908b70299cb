// `carillon send-test-notification`: one notification, to see that it arrives.
#pragma once

#include "cmd/command_line.h"

namespace carillon::cmd {

void add_send_test_notification_command(Command& root);

}  // namespace carillon::cmd
