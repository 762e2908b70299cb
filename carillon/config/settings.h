// The settings as plain values, with their defaults. What each means stands in the schema
// (schema.cc), from which flags, environment names, file keys and documentation are made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "carillon/base/secret.h"

namespace carillon::config {

// Bounds on everything a peer can make the server hold or do. 0 means what its comment says.
struct LimitSettings {
  uint32_t connections_max = 0;          // 0: the hard descriptor limit less 256
  uint32_t address_connections_max = 0;  // 0: off
  uint32_t user_connections_max = 64;
  std::string user_limit = "replace";  // or "refuse"
  uint32_t request_line_bytes_max = 16'384;
  uint32_t head_bytes_max = 32'768;
  uint32_t body_bytes_max = 1U << 20;
  uint32_t handshake_timeout_ms = 5'000;
  uint32_t message_bytes_max = 65'536;  // of the inflated message
  uint32_t message_rate_per_s = 20;
  uint32_t message_burst = 40;
  uint32_t send_queue_bytes_max = 1U << 20;
  uint32_t send_queue_frames_max = 16'384;
  uint32_t send_buffer_bytes = 262'144;  // the kernel's; 0: its own choice
  uint32_t send_timeout_ms = 30'000;
  uint32_t close_timeout_ms = 5'000;
  uint32_t ping_interval_ms = 25'000;
  uint32_t ping_timeout_ms = 20'000;
  uint32_t publish_rate_per_s = 0;  // per key; 0: off
  uint32_t mailbox_events_max = 16'384;
  uint32_t mailbox_bytes_max = 64U << 20;
  uint32_t inbound_events_max = 16'384;
  uint32_t inbound_bytes_max = 64U << 20;
  uint32_t inbox_notifications_max = 1'000;  // per user
  uint32_t inbox_users_max = 100'000;
  uint32_t idempotency_keys_max = 100'000;
};

struct DrainSettings {
  uint32_t delay_ms = 0;
  uint32_t window_ms = 10'000;
};

struct AuthSettings {
  Secret secret_key;
  std::vector<std::string> algorithms = {"HS256"};
  std::string public_key_file;  // PEM
  std::string key_set_file;     // JWK set
  std::string issuer;           // empty: not checked
  std::string audience;         // empty: not checked
  std::string user_id_claim = "user_id";
  bool require_jti = true;
  bool require_token_type = true;
  std::vector<std::string> token_types = {"access"};
  uint32_t leeway_s = 0;
  uint32_t token_cache_max = 1'024;  // per worker
  uint32_t token_bytes_max = 8'192;
  uint32_t session_max_s = 43'200;
  std::string on_expiry = "keep";    // or "enforce"
  std::string directory = "claims";  // who answers for a token without a role
};

// One kind of connection: where, who, which groups, what is said first and what may be asked.
struct EndpointSettings {
  std::string name{};
  std::string path{};                 // "/ws/mentor/{id}/"; a parameter is one whole segment
  std::vector<std::string> allow{};   // alternatives: "staff", "mentor:id", …
  std::vector<std::string> groups{};  // "mentor_{id}", "notifications_{user_id}"
  std::string greeting{};             // `message` of connection_established; empty: none
  bool unread_count = false;          // connection_established carries it
  std::vector<std::string> state_types{};
  std::string relay = "all";  // or "listed": only event_types pass
  std::vector<std::string> event_types{};
  std::vector<std::string> client_messages{};  // "ping", "mark_read", "mark_all_read"
  std::string forward_to{};                    // a channel for all other messages; empty: none
  std::string forward_type = "client.message";
};

// The five of the platform: dashboard, notifications, leaderboard, mentor, student.
std::vector<EndpointSettings> default_endpoints();

struct Settings {
  std::vector<std::string> bind = {"127.0.0.1:8000"};  // HOST:PORT, [::]:PORT or unix:/path
  uint32_t workers = 0;                                // 0: one a core
  std::string layer = "memory";
  uint32_t channel_capacity = 100;
  uint32_t channel_expiry_s = 60;
  uint32_t group_expiry_s = 86'400;
  std::string database;      // empty: inbox and leaderboard in memory
  std::string metrics_bind;  // empty: /metrics on the common port only
  std::vector<Secret> api_keys;
  std::vector<std::string> allowed_hosts;
  bool allowed_hosts_given = false;  // else the loopback names
  std::vector<std::string> cors_allowed_origins;
  bool debug = false;
  bool demo = false;
  std::string log_level = "info";
  bool compression = true;  // permessage-deflate is accepted
  LimitSettings limits;
  DrainSettings drain;
  AuthSettings auth;
  std::vector<EndpointSettings> endpoints = default_endpoints();
};

}  // namespace carillon::config
