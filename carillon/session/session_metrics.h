// What one worker counts of its connections.
#pragma once

#include <string_view>
#include <unordered_map>

#include "carillon/metrics/registry.h"
#include "carillon/ws/close_code.h"

namespace carillon::session {

class SessionMetrics {
 public:
  // `registry` is borrowed for life.
  explicit SessionMetrics(metrics::Registry& registry);

  // Of one endpoint, by its name.
  metrics::Gauge& connections(std::string_view endpoint);
  metrics::Counter& closed(uint16_t code);
  metrics::Counter& handshakes(int status);

  metrics::Counter& frames_sent;
  metrics::Counter& bytes_sent;
  metrics::Counter& events_delivered;
  metrics::Counter& events_unlisted;
  metrics::Counter& messages_received;
  metrics::Counter& messages_refused;
  metrics::Counter& frames_dropped;
  metrics::Counter& frames_conflated;
  metrics::Counter& accept_pauses;
  metrics::Counter& handler_exceptions;
  metrics::Counter& http_requests;

 private:
  metrics::Registry& registry_;
  std::unordered_map<std::string, metrics::Gauge*> connections_;
  std::unordered_map<uint16_t, metrics::Counter*> closed_;
  std::unordered_map<int, metrics::Counter*> handshakes_;
};

}  // namespace carillon::session
