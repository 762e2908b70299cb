// The scenarios of `carillon bench`. Each connects, puts the server under its load, checks that
// everything arrived once and in order, and reports; an error means that it could not be run.
#pragma once

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "cmd/bench_report.h"
#include "cmd/bench_upgrade.h"

namespace carillon::bench {

// One group, all connections in it. Alone (--in-flight 1): the next event is published when all
// members have the last. Merged: so many requests in one write, the next when all are answered.
Result<Report, Error> run_fan_out(const Run& run);

// Round trips of the client's ping message.
Result<Report, Error> run_ping(const Run& run);

// Connects, upgrades and closes, so many under way at once.
Result<Report, Error> run_handshakes(const Run& run);

// Connections that only stand: memory of each, and what opening them cost.
Result<Report, Error> run_idle(const Run& run);

// Some members stop reading; events keep coming at a fixed rate; what do the others notice?
Result<Report, Error> run_slow_readers(const Run& run);

}  // namespace carillon::bench
