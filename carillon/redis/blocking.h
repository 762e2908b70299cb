// A few commands for a program that has nothing else to do: no loop, no callbacks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/redis/client.h"
#include "carillon/redis/location.h"

namespace carillon::redis {

// Connects, sends all commands at once and waits for their answers, which come in the same order.
// Gives up at the first trouble with the connection, or after `timeout_ms`: the error's `what` is
// the trouble with its remedy (`redis`, `redis_timeout`). Blocks the calling thread.
Result<std::vector<CommandResult>, Error> run_commands(
    const Location& location,
    std::span<const std::vector<std::string>> commands,
    uint64_t timeout_ms);

}  // namespace carillon::redis
