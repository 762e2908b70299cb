// What `carillon bench` was asked to do.
#pragma once

#include <cstdint>
#include <string>

namespace carillon::bench {

struct Options {
  std::string scenario;     // fan-out, ping, handshakes, idle, slow-readers
  std::string url;          // empty: where the settings say that a server binds
  std::string publish_url;  // who is handed the events; empty: the server
  std::string endpoint = "/ws/leaderboard/";
  std::string group;  // empty: the group that the endpoint joins
  uint32_t connections = 1'000;
  uint32_t messages = 100;  // published, or pings of each connection, or nothing (handshakes, idle)
  uint32_t warm_up = 5;     // published before the measurement starts
  uint32_t in_flight = 1;   // fan-out: requests written together
  uint32_t body_bytes = 100;  // of the event as it is delivered
  double rate = 10;           // events a second; or each connection's pings, 0: one after the other
  bool lockstep = false;  // merged fan-out: the next when all members have these, not only answers
  double stalled_percent = 1;
  uint32_t receive_buffer_bytes = 4'096;  // SO_RCVBUF of a stalled reader
  uint32_t stall_ms = 0;      // a stalled reader resumes so long after the start; 0: at the end
  uint32_t concurrency = 64;  // handshakes under way at once
  uint32_t timeout_s = 60;    // without progress the run is given up
  uint32_t server_pid = 0;    // whose CPU and memory are measured; 0: nobody's
  uint32_t layer_pid = 0;     // fan-out: the channel layer's process, such as redis-server's
  bool json = false;
  bool plain_upgrade = false;  // the peer is the floor: no token, no API key, any path
};

// Sockets that one descriptor table is trusted with; more connections take more threads, each with
// a table of its own.
inline constexpr uint32_t kTableConnectionsMax = 16'000;

}  // namespace carillon::bench
