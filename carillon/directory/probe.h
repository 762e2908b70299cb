// Asks each directory of the settings once, as `carillon check` does.
#pragma once

#include <string>
#include <vector>

#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"

namespace carillon::directory {

struct Probe {
  std::string setting;          // such as auth.directory_url
  Result<void, Error> outcome;  // "SETTING: what is wrong; what to do"
};

// For settings that load() has accepted. Blocks, each probe for at most auth.directory_timeout;
// nothing is probed where nobody is asked.
std::vector<Probe> probe_directories(const config::AuthSettings& settings, const Clock& clock);

}  // namespace carillon::directory
