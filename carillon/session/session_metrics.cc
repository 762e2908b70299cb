#include "carillon/session/session_metrics.h"

#include <algorithm>
#include <string>

namespace carillon::session {

SessionMetrics::SessionMetrics(metrics::Registry& registry)
    : frames_sent(registry.counter("carillon_frames_sent_total", "Frames handed to the kernel")),
      bytes_sent(registry.counter("carillon_bytes_sent_total", "Bytes taken by the kernel")),
      events_delivered(registry.counter("carillon_events_delivered_total",
                                        "Events handed to a member, one each")),
      events_unlisted(registry.counter("carillon_events_unlisted_total",
                                       "Events that an endpoint with relay = listed kept back")),
      messages_received(
          registry.counter("carillon_messages_received_total", "Messages from clients")),
      messages_refused(registry.counter("carillon_messages_refused_total",
                                        "Client messages over the allowed rate")),
      frames_dropped(registry.counter("carillon_frames_dropped_total",
                                      "Frames dropped with a slow reader's queue")),
      frames_conflated(
          registry.counter("carillon_frames_conflated_total",
                           "State frames replaced by a newer one in the queue of a slow reader")),
      accept_pauses(registry.counter("carillon_accept_pauses_total",
                                     "Times that accepting stopped for want of descriptors")),
      handler_exceptions(registry.counter("carillon_handler_exceptions_total",
                                          "Exceptions that left a consumer's handler")),
      http_requests(registry.counter("carillon_http_requests_total", "HTTP requests answered")),
      registry_(registry) {}

metrics::Gauge& SessionMetrics::connections(std::string_view endpoint) {
  auto& gauge = connections_[std::string(endpoint)];
  if (gauge == nullptr) {
    gauge = &registry_.gauge("carillon_connections", "Open WebSocket connections",
                             {{"endpoint", std::string(endpoint)}});
  }
  return *gauge;
}

metrics::Counter& SessionMetrics::closed(uint16_t code) {
  // Codes that peers make up share one cell, or they could fill the memory with cells.
  const bool is_known = std::ranges::any_of(ws::close_codes(), [code](const auto& entry) {
    return static_cast<uint16_t>(entry.code) == code;
  });
  if (code != 1005 && code != 1006 && !is_known) code = 0;
  auto& counter = closed_[code];
  if (counter == nullptr) {
    counter = &registry_.counter("carillon_closed_total", "Ended connections, by close code",
                                 {{"code", code == 0 ? "other" : std::to_string(code)}});
  }
  return *counter;
}

metrics::Counter& SessionMetrics::handshakes(int status) {
  auto& counter = handshakes_[status];
  if (counter == nullptr) {
    counter = &registry_.counter("carillon_handshakes_total", "WebSocket handshakes, by answer",
                                 {{"status", std::to_string(status)}});
  }
  return *counter;
}

}  // namespace carillon::session
