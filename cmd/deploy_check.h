// What matters once others can reach the server: the findings of `carillon check --deploy`.
#pragma once

#include <cstdint>
#include <vector>

#include "carillon/config/settings.h"
#include "cmd/findings.h"

namespace carillon::cmd {

// Pure. `descriptors_max` is the hard limit of open files.
std::vector<Finding> deploy_findings(const config::Settings& settings, uint64_t descriptors_max);

}  // namespace carillon::cmd
