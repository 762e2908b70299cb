// What `carillon check` finds out about the Redis of the channel layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/clock.h"
#include "carillon/config/settings.h"
#include "carillon/redis/location.h"
#include "cmd/findings.h"

namespace carillon::cmd {

// Of one host: whether it is there and lets us in, and what would make it lose events; of the first
// one also whether it takes what nodes share beside events. Blocks for at most `timeout_ms`.
std::vector<Finding> redis_findings(const redis::Location& location,
                                    const config::LayerSettings& settings,
                                    bool is_first,
                                    const Clock& clock,
                                    uint64_t timeout_ms);

// Of every host of the layer, and of what goes with it; nothing for a layer in memory.
std::vector<Finding> layer_findings(const config::Settings& settings, const Clock& clock);

// What the answer to INFO says against using that Redis for `backend`. Pure.
std::vector<Finding> info_findings(std::string_view info,
                                   std::string_view backend,
                                   const std::string& subject);

// Of a Redis whose clock is `ahead_ms` before this machine's; nothing up to 5 s either way. Pure.
std::optional<Finding> clock_finding(int64_t ahead_ms, const std::string& subject);

// "REDIS: what; remedy", as redis::run_commands() has it.
Finding trouble_finding(const std::string& subject, std::string_view trouble);

}  // namespace carillon::cmd
