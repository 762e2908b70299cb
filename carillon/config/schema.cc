#include "carillon/config/schema.h"

#include <algorithm>

#include "carillon/config/checks.h"
#include "carillon/config/url.h"

// A captureless lambda that points at one variable of the settings (or of an endpoint).
#define CARILLON_VARIABLE(Owner, path) [](Owner& owner) -> Target { return &owner.path; }
#define CARILLON_SETTING(path) CARILLON_VARIABLE(Settings, path)
#define CARILLON_ENDPOINT(path) CARILLON_VARIABLE(EndpointSettings, path)

namespace carillon::config {
namespace {

constexpr uint32_t kDayMs = 86'400'000;
constexpr uint32_t kGiB = 1U << 30;
constexpr Rules kDuration = {.unit = Unit::kMilliseconds, .min = 1, .max = kDayMs};

constexpr Rules bytes(uint32_t min, uint32_t max = kGiB) {
  return {.unit = Unit::kBytes, .min = min, .max = max};
}

constexpr Rules count(uint32_t min, uint32_t max = 1'000'000'000) {
  return {.min = min, .max = max};
}

constexpr Rules seconds(uint32_t min, uint32_t max = 31'536'000) {
  return {.unit = Unit::kSeconds, .min = min, .max = max};
}

constexpr SettingSpec kSchema[] = {
    {"bind",
     CARILLON_SETTING(bind),
     "where to listen: HOST:PORT, [::]:PORT or unix:/path; may repeat. PORT in the environment "
     "means 0.0.0.0:PORT where this is not given",
     {.check = check_bind}},
    {"workers", CARILLON_SETTING(workers), "event loops, each with its own thread; 0: one a core",
     count(0, 1'024)},
    {"layer",
     CARILLON_SETTING(layer.url),
     "the channel layer: memory, or the Redis that Django's channels_redis uses, as redis://, "
     "rediss:// or unix:///path. REDIS_URL means that Redis where this is not given",
     {.check = check_layer, .is_url = true}},
    {"layer_backend",
     CARILLON_SETTING(layer.backend),
     "which of the two layers of channels_redis Django has, core.RedisChannelLayer or "
     "pubsub.RedisPubSubChannelLayer",
     {.choices = "core pubsub"}},
    {"layer_hosts",
     CARILLON_SETTING(layer.hosts),
     "several Redis that share the groups, in Django's order; they stand before layer",
     {.check = check_redis_url}},
    {"layer_sentinels",
     CARILLON_SETTING(layer.sentinels),
     "Sentinels, as HOST:PORT, that say where the Redis is; user, password and database of a "
     "layer that is a URL are those for it",
     {.check = check_host_and_port}},
    {"layer_sentinel_master",
     CARILLON_SETTING(layer.sentinel_master),
     "the name under which the Sentinels know it",
     {}},
    {"layer_sentinel_user",
     CARILLON_SETTING(layer.sentinel_user),
     "user for the Sentinels themselves; empty: their default",
     {}},
    {"layer_sentinel_password",
     CARILLON_SETTING(layer.sentinel_password),
     "password for the Sentinels themselves",
     {}},
    {"layer_prefix",
     CARILLON_SETTING(layer.prefix),
     "what every key begins with, Django's prefix",
     {}},
    {"layer_serializer",
     CARILLON_SETTING(layer.serializer),
     "how events are written, Django's serializer_format",
     {.choices = "msgpack json"}},
    {"layer_keys",
     CARILLON_SETTING(layer.keys),
     "Django's symmetric_encryption_keys: the first encrypts, all decrypt; none: plain",
     {}},
    {"layer_random_prefix_length", CARILLON_SETTING(layer.random_prefix_length),
     "bytes before each event of core, Django's random_prefix_length", count(0, 255)},
    {"layer_channel_capacities",
     CARILLON_SETTING(layer.channel_capacities),
     "Django's channel_capacity: capacities of single channels as GLOB=NUMBER, such as "
     "jobs=500; the first that matches counts, then gw.*=10000 (nodes), then channel_capacity",
     {.check = check_channel_capacity}},
    {"channel_capacity", CARILLON_SETTING(layer.capacity),
     "messages that wait in one named channel before senders are told that it is full",
     count(1, 1'000'000)},
    {"channel_expiry", CARILLON_SETTING(layer.expiry_s),
     "after this long an unread message of a named channel is dropped", seconds(1)},
    {"group_expiry", CARILLON_SETTING(layer.group_expiry_s),
     "after this long a membership of a named channel lapses unless it is renewed", seconds(1)},
    {"database",
     CARILLON_SETTING(database),
     "the store, such as sqlite:///path; none: inbox and leaderboard live in memory. "
     "DATABASE_URL is never the store",
     {}},
    {"api_keys",
     CARILLON_SETTING(api_keys),
     "keys that may publish, as Authorization: Api-Key KEY; several make rotation possible",
     {}},
    {"allowed_hosts",
     CARILLON_SETTING(allowed_hosts),
     "Host headers that are answered, as Django has them; required beyond loopback",
     {.check = check_host_pattern},
     "ALLOWED_HOSTS"},
    {"cors_allowed_origins",
     CARILLON_SETTING(cors_allowed_origins),
     "origins other than our own whose pages may connect, such as https://app.example.com",
     {.check = check_origin},
     "CORS_ALLOWED_ORIGINS"},
    {"compression",
     CARILLON_SETTING(compression),
     "accept permessage-deflate when a client offers it",
     {}},
    {"debug",
     CARILLON_SETTING(debug),
     "as Django has it; the server does the same either way, `check --deploy` wants it off",
     {},
     "DEBUG"},
    {"demo",
     CARILLON_SETTING(demo),
     "serve the demonstration page and keep a secret for it in build/demo/.env",
     {}},
    {"log.level",
     CARILLON_SETTING(log_level),
     "least important lines that are written; no line per connection above debug",
     {.choices = "debug info warn error"}},
    {"metrics.bind",
     CARILLON_SETTING(metrics_bind),
     "a separate address for /metrics, open to whoever reaches it",
     {.check = check_optional_bind}},
    {"auth.secret_key",
     CARILLON_SETTING(auth.secret_key),
     "what HS256, HS384 and HS512 tokens are signed with, shared with Django",
     {},
     "SECRET_KEY"},
    {"auth.algorithms",
     CARILLON_SETTING(auth.algorithms),
     "accepted signatures; the token's header never chooses",
     {.choices = "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"}},
    {"auth.public_key_file",
     CARILLON_SETTING(auth.public_key_file),
     "PEM file with the key that checks RS, PS, ES and EdDSA tokens",
     {}},
    {"auth.key_set_file",
     CARILLON_SETTING(auth.key_set_file),
     "JSON Web Key Set file, looked up by the token's kid",
     {}},
    {"auth.issuer", CARILLON_SETTING(auth.issuer), "required iss; empty: not checked", {}},
    {"auth.audience", CARILLON_SETTING(auth.audience), "required aud; empty: not checked", {}},
    {"auth.user_id_claim",
     CARILLON_SETTING(auth.user_id_claim),
     "the claim that holds the user's id",
     {}},
    {"auth.require_jti", CARILLON_SETTING(auth.require_jti), "refuse tokens without jti", {}},
    {"auth.require_token_type",
     CARILLON_SETTING(auth.require_token_type),
     "refuse tokens without token_type",
     {}},
    {"auth.token_types", CARILLON_SETTING(auth.token_types), "accepted values of token_type", {}},
    {"auth.leeway", CARILLON_SETTING(auth.leeway_s),
     "allowed difference between clocks for exp, nbf and iat", seconds(0, 3'600)},
    {"auth.token_cache_max", CARILLON_SETTING(auth.token_cache_max),
     "verified tokens that each worker remembers", count(1, 10'000'000)},
    {"auth.token_bytes_max", CARILLON_SETTING(auth.token_bytes_max),
     "longest token that is looked at", bytes(256, 1U << 20)},
    {"auth.session_max", CARILLON_SETTING(auth.session_max_s),
     "longest life of a plain connection, then 1001", seconds(1)},
    {"auth.on_expiry",
     CARILLON_SETTING(auth.on_expiry),
     "whether a plain connection stays when its token expires, or ends with 4401",
     {.choices = "keep enforce"}},
    {"auth.directory",
     CARILLON_SETTING(auth.directory),
     "who answers for a user whose token carries no role",
     {.choices = "claims database http"}},
    {"auth.database_url",
     CARILLON_SETTING(auth.database_url),
     "the database that the directory database reads and never writes: sqlite:///path, "
     "postgres:// or postgresql://",
     {.is_url = true},
     "DATABASE_URL"},
    {"auth.database_query",
     CARILLON_SETTING(auth.database_query),
     "what the directory database asks: $1 is the user's id; columns are known by their names "
     "is_active, is_staff, is_superuser, role and roles, of which any may be missing; id, if it is "
     "there, must be the user's as text; no row: no such user",
     {}},
    {"auth.directory_url",
     CARILLON_SETTING(auth.directory_url),
     "the URL that the directory http asks for a user",
     {.check = check_optional_http_url}},
    {"auth.http_url",
     CARILLON_SETTING(auth.http_url),
     "session authentication: the URL of the backend that is sent a handshake's Cookie or "
     "Authorization and says who that is; empty: tokens only",
     {.check = check_optional_http_url}},
    {"auth.http_cookies",
     CARILLON_SETTING(auth.http_cookies),
     "names of the cookies that auth.http_url is sent",
     {}},
    {"auth.directory_timeout", CARILLON_SETTING(auth.directory_timeout_ms),
     "longest wait for the directory or auth.http_url, then 503", kDuration},
    {"auth.directory_ttl", CARILLON_SETTING(auth.directory_ttl_s),
     "how long an answer is kept; 0: not at all", seconds(0, 86'400)},
    {"auth.directory_users_max", CARILLON_SETTING(auth.directory_users_max),
     "answers that are kept, least recently used go first", count(1, 100'000'000)},
    {"auth.directory_concurrency_max", CARILLON_SETTING(auth.directory_concurrency_max),
     "questions to the directory at once; more wait for their turn", count(1, 10'000)},
    {"limits.connections_max", CARILLON_SETTING(limits.connections_max),
     "connections in total; 0: the hard descriptor limit less 256", count(0)},
    {"limits.address_connections_max", CARILLON_SETTING(limits.address_connections_max),
     "connections per address; 0: off", count(0)},
    {"limits.user_connections_max", CARILLON_SETTING(limits.user_connections_max),
     "connections per user", count(1)},
    {"limits.user_limit",
     CARILLON_SETTING(limits.user_limit),
     "past it, the user's oldest connection is replaced (4409) or the new one refused (429)",
     {.choices = "replace refuse"}},
    {"limits.request_line_bytes_max", CARILLON_SETTING(limits.request_line_bytes_max),
     "longest request line (431)", bytes(256, 1U << 20)},
    {"limits.head_bytes_max", CARILLON_SETTING(limits.head_bytes_max), "longest request head (431)",
     bytes(512, 1U << 20)},
    {"limits.body_bytes_max", CARILLON_SETTING(limits.body_bytes_max), "longest request body (413)",
     bytes(0)},
    {"limits.handshake_timeout", CARILLON_SETTING(limits.handshake_timeout_ms),
     "from accept to upgrade, and for the head of each request", kDuration},
    {"limits.message_bytes_max", CARILLON_SETTING(limits.message_bytes_max),
     "longest client message, inflated (1009)", bytes(125)},
    {"limits.message_rate_per_s", CARILLON_SETTING(limits.message_rate_per_s),
     "client messages a second on one connection", count(1, 1'000'000)},
    {"limits.message_burst", CARILLON_SETTING(limits.message_burst),
     "client messages at once before the rate applies", count(1, 1'000'000)},
    {"limits.send_queue_bytes_max", CARILLON_SETTING(limits.send_queue_bytes_max),
     "payload that waits for one slow client (4430)", bytes(4'096)},
    {"limits.send_queue_frames_max", CARILLON_SETTING(limits.send_queue_frames_max),
     "frames that wait for one slow client (4430)", count(1, 1'000'000)},
    {"limits.send_buffer_bytes", CARILLON_SETTING(limits.send_buffer_bytes),
     "the kernel's own buffer for one connection; 0: the kernel's choice", bytes(0)},
    {"limits.send_timeout", CARILLON_SETTING(limits.send_timeout_ms),
     "without progress for this long a client is slow (4430)", kDuration},
    {"limits.close_timeout", CARILLON_SETTING(limits.close_timeout_ms),
     "how long a closing connection may take before it is reset", kDuration},
    {"limits.ping_interval", CARILLON_SETTING(limits.ping_interval_ms),
     "a connection silent for this long gets a ping frame", kDuration},
    {"limits.ping_timeout", CARILLON_SETTING(limits.ping_timeout_ms),
     "without any frame for this long after the ping it is closed (4408)", kDuration},
    {"limits.publish_rate_per_s", CARILLON_SETTING(limits.publish_rate_per_s),
     "publishes a second for one key (429); 0: off", count(0, 10'000'000)},
    {"limits.mailbox_events_max", CARILLON_SETTING(limits.mailbox_events_max),
     "events that wait for one worker; past it publishers get 503", count(1, 10'000'000)},
    {"limits.mailbox_bytes_max", CARILLON_SETTING(limits.mailbox_bytes_max),
     "bytes of events that wait for one worker", bytes(65'536)},
    {"limits.inbound_events_max", CARILLON_SETTING(limits.inbound_events_max),
     "events that came for a worker without room and wait on the node; past it they are dropped "
     "and "
     "the members concerned closed (1013)",
     count(1, 10'000'000)},
    {"limits.inbound_bytes_max", CARILLON_SETTING(limits.inbound_bytes_max), "bytes of such events",
     bytes(65'536)},
    {"limits.inbox_notifications_max", CARILLON_SETTING(limits.inbox_notifications_max),
     "notifications that the memory inbox keeps for one user", count(1, 1'000'000)},
    {"limits.inbox_users_max", CARILLON_SETTING(limits.inbox_users_max),
     "users that the memory inbox keeps, least recently used go first", count(1, 100'000'000)},
    {"limits.idempotency_keys_max", CARILLON_SETTING(limits.idempotency_keys_max),
     "Idempotency-Keys that are remembered, for 10 minutes at most", count(1, 100'000'000)},
    {"drain.delay",
     CARILLON_SETTING(drain.delay_ms),
     "between /readyz failing and the listeners closing, for load balancers",
     {.unit = Unit::kMilliseconds, .max = kDayMs}},
    {"drain.window",
     CARILLON_SETTING(drain.window_ms),
     "over which connections are closed in even slices (1012)",
     {.unit = Unit::kMilliseconds, .max = kDayMs}},
};

constexpr EndpointSpec kEndpointSchema[] = {
    {"name",
     CARILLON_ENDPOINT(name),
     "one of the five changes that one; any other adds an endpoint",
     {.check = check_endpoint_name}},
    {"path",
     CARILLON_ENDPOINT(path),
     "where it is, such as /ws/course/{id}/; {id} stands for one segment",
     {.check = check_endpoint_path}},
    {"allow",
     CARILLON_ENDPOINT(allow),
     "who may connect, any of: authenticated, staff, mentor, student, and with a parameter of the "
     "path mentor:id, student:id, self:id (the user whose id it is)",
     {}},
    {"groups",
     CARILLON_ENDPOINT(groups),
     "groups joined, such as course_{id} or notifications_{user_id}",
     {}},
    {"greeting", CARILLON_ENDPOINT(greeting), "message of connection_established", {}},
    {"unread_count",
     CARILLON_ENDPOINT(unread_count),
     "connection_established carries the user's unread count",
     {}},
    {"state_types",
     CARILLON_ENDPOINT(state_types),
     "event types of which only the newest matters: kept, sent on connect, conflated",
     {.check = check_event_type}},
    {"relay",
     CARILLON_ENDPOINT(relay),
     "all: events of any type are delivered; listed: only those of event_types",
     {.choices = "all listed"}},
    {"event_types",
     CARILLON_ENDPOINT(event_types),
     "the types it is meant to carry",
     {.check = check_event_type}},
    {"client_messages",
     CARILLON_ENDPOINT(client_messages),
     "what a client may send",
     {.choices = "ping mark_read mark_all_read"}},
    {"forward_to",
     CARILLON_ENDPOINT(forward_to),
     "a named channel that gets all other messages of clients, such as one that Django's runworker "
     "reads",
     {.check = check_channel_name}},
    {"forward_type",
     CARILLON_ENDPOINT(forward_type),
     "the type of the event that carries such a message: the handler that is called there",
     {.check = check_event_type}},
};

}  // namespace

std::span<const SettingSpec> schema() {
  return kSchema;
}

const SettingSpec* find_setting(std::string_view key) {
  const auto all = schema();
  const auto found = std::ranges::find(all, key, &SettingSpec::key);
  return found == all.end() ? nullptr : &*found;
}

std::span<const EndpointSpec> endpoint_schema() {
  return kEndpointSchema;
}

std::string environment_name(const SettingSpec& spec) {
  if (!spec.environment.empty()) return std::string(spec.environment);
  std::string name = "CARILLON_";
  for (const char c : spec.key) {
    name += c == '.' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

std::string flag_name(const SettingSpec& spec) {
  std::string name = "--";
  for (const char c : spec.key) name += c == '.' || c == '_' ? '-' : c;
  return name;
}

std::string_view section_of(const SettingSpec& spec) {
  const size_t dot = spec.key.find('.');
  return dot == std::string_view::npos ? std::string_view() : spec.key.substr(0, dot);
}

}  // namespace carillon::config
