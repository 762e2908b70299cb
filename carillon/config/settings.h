// The settings as plain values, with their defaults. What each means stands in the schema
// (schema.cc), from which flags, environment names, file keys and documentation are made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/secret.h"
#include "carillon/config/redis_host.h"

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

// The channel layer: in this process, or in the Redis that Django's channels_redis uses. Each value
// but the hosts must be what Django's CHANNEL_LAYERS says.
struct LayerSettings {
  Secret url{"memory"};                // or one Redis, as redis://, rediss:// or unix://
  std::vector<RedisHost> hosts;        // several Redis in Django's order; they stand before `url`
  std::vector<std::string> sentinels;  // HOST:PORT; `url` says how to log in at their master
  std::string sentinel_master;
  std::string sentinel_user;
  Secret sentinel_password;
  std::string backend = "core";  // or "pubsub"
  std::string prefix = "asgi";
  std::string serializer = "msgpack";  // or "json"
  std::vector<Secret> keys;            // the first encrypts, all decrypt; empty: not encrypted
  uint32_t random_prefix_length = 12;
  uint32_t capacity = 100;                      // events waiting in one channel
  std::vector<std::string> channel_capacities;  // "GLOB=NUMBER", the first that matches counts
  uint32_t expiry_s = 60;
  uint32_t group_expiry_s = 86'400;

  // Where the layer is, whichever way it was given; empty: in memory.
  std::vector<RedisHost> redis_hosts() const;
  bool is_redis() const { return !redis_hosts().empty(); }
  // For people: "memory", "redis://:***@host/0"; several with commas.
  std::string printable() const;
};

struct ChannelCapacity {
  std::string glob;
  uint32_t capacity = 0;
};
// One of LayerSettings::channel_capacities; nothing when it is not GLOB=NUMBER.
std::optional<ChannelCapacity> parse_channel_capacity(std::string_view text);

struct DrainSettings {
  uint32_t delay_ms = 0;
  uint32_t window_ms = 10'000;
};

// What the user directory `database` asks unless told otherwise: Django's own table. $1 is the
// user's id; columns are known by their names: id, is_active, is_staff, is_superuser, role, roles.
inline constexpr std::string_view kDirectoryQuery =
    "SELECT id, is_active, is_staff, is_superuser FROM auth_user WHERE id = $1";

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
  std::string directory = "claims";  // or "database", "http": who answers for one without a role
  Secret database_url;               // sqlite:///path or postgresql://…, read only
  std::string database_query = std::string(kDirectoryQuery);
  std::string directory_url;  // of the directory http
  std::string http_url;       // of session authentication; empty: off
  std::vector<std::string> http_cookies = {"sessionid"};
  uint32_t directory_timeout_ms = 2'000;
  uint32_t directory_ttl_s = 60;
  uint32_t directory_users_max = 100'000;
  uint32_t directory_concurrency_max = 32;
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
  LayerSettings layer;
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
