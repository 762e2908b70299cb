// The Redis channel layer of the settings, as a process of its own with no sockets: for commands
// that work without a server.
#pragma once

#include <cstdint>

#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/layer/channel_layer.h"

namespace carillon::cmd {

// Both block the calling thread, for settings whose layer is in Redis, and leave nothing of theirs
// there. Every host must answer. The error says "what; remedy": `bad_redis_url` of the settings,
// `redis` of one that is not there or refuses, `redis_timeout`.
struct OwnLayerOptions {
  const config::LayerSettings& settings;
  const Clock& clock;
  uint64_t timeout_ms = 0;  // for each of connecting, sending and leaving
};

// Sends as every other process with these settings does.
Result<layer::SendResult, Error> send_through_layer(const OwnLayerOptions& options,
                                                    const layer::Addressed& addressed);

// Sends one event from one process to another, both of them this one: how long it was under way,
// in milliseconds.
Result<uint64_t, Error> measure_round_trip(const OwnLayerOptions& options);

}  // namespace carillon::cmd
