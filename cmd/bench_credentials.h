// Tokens for a run's connections, minted from the secret that bench and server share.
#pragma once

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "cmd/bench_upgrade.h"

namespace carillon::bench {

// One token for each connection, each of a user of its own with the right to the run's endpoint,
// and the publisher's authorisation: the first API key, else a staff token. `now_s` is Unix time.
// Nothing at all for a plain upgrade.
Result<Credentials, Error> make_credentials(const Options& options,
                                            const config::Settings& settings,
                                            int64_t now_s);

// The group that the endpoint joins, when it is the same for everybody.
Result<std::string, Error> group_of(std::string_view endpoint, const config::Settings& settings);

}  // namespace carillon::bench
