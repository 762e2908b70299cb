#include "cmd/websocket_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "carillon/auth/mint.h"
#include "carillon/base/random.h"
#include "carillon/json/reader.h"
#include "carillon/layer/redis_layer_options.h"
#include "cmd/own_layer.h"
#include "cmd/redis_check.h"
#include "cmd/time_text.h"
#include "cmd/token_view.h"

namespace carillon::cmd {
namespace {

constexpr std::string_view kPath = "/ws/notifications/";
constexpr std::string_view kEventType = "test_websocket";
constexpr int64_t kTokenSeconds = 120;

constexpr std::string_view kSecretRemedy =
    "SECRET_KEY here is not the server's (or auth.issuer, auth.audience or a clock differs): run "
    "this "
    "with the server's .env";
constexpr std::string_view kTokenRemedy =
    "get a new one from whoever issues them, or leave --token out to have one made";

std::string_view refusal_remedy(int status) {
  switch (status) {
    case 400:
      return "add the host of --url to ALLOWED_HOSTS of the server, or call it by an allowed name";
    case 403:
      return "look at allow of this endpoint, and at what a proxy in between forbids";
    case 404:
      return "the server has no such endpoint; look at --url and at its carillon.toml";
    case 426:
      return "a proxy drops Upgrade; make it pass WebSockets on";
    case 429:
    case 503:
      return "the server is over one of its limits; look at /metrics";
    default:
      return "look at the server's log";
  }
}

std::string latency_text(uint64_t latency_ms) {
  return latency_ms == 0 ? "under 1 ms" : fmt::format("{} ms", latency_ms);
}

// A text of the outermost object; empty where there is none.
std::string member_of(std::string_view text, std::string_view name) {
  const auto value = json::parse(text);
  const json::Value* member = value ? value->find(name) : nullptr;
  const std::string* found = member == nullptr ? nullptr : member->as_string();
  return found == nullptr ? std::string() : *found;
}

bool has_type(std::string_view text, std::string_view type) {
  return member_of(text, "type") == type;
}

bool is_draining(std::string_view readyz) {
  const auto value = json::parse(readyz);
  const json::Value* member = value ? value->find("draining") : nullptr;
  return member != nullptr && *member == json::Value(true);
}

}  // namespace

WebsocketCheck::WebsocketCheck(const ServerAccess& server,
                               const config::Settings& settings,
                               const Clock& clock,
                               std::string token)
    : server_(server),
      settings_(settings),
      clock_(clock),
      token_(std::move(token)),
      is_token_given_(!token_.empty()),
      user_id_("carillon-test-" + random_hex(8)),
      nonce_(random_hex(8)),
      steps_{Step{"reachable", "server reachable"},
             Step{"ready", "server ready"},
             Step{"layer", "channel layer reachable"},
             Step{"round_trip", "round trip through the channel layer"},
             Step{"token", is_token_given_ ? "token usable" : "token issued"},
             Step{"accepted", "token accepted"},
             Step{"connected", "WebSocket connected"},
             Step{"published", "event published"},
             Step{"received", "event received"}} {
  // Without Redis the event makes it, within the server.
  if (!settings.layer.is_redis()) steps_[kRoundTrip].outcome = Outcome::kLeftOut;
}

void WebsocketCheck::run() {
  if (!check_reachable()) return;
  check_ready();
  if (!check_token() || !connect() || !publish()) return;
  receive();
  client_->close(deadline());
}

bool WebsocketCheck::has_passed() const {
  return std::ranges::all_of(steps_, [](const Step& step) {
    return step.outcome == Outcome::kPassed || step.outcome == Outcome::kLeftOut;
  });
}

std::vector<Step> WebsocketCheck::steps() const {
  std::vector<Step> all(steps_.begin(), steps_.end());
  std::erase_if(all, [](const Step& step) { return step.outcome == Outcome::kLeftOut; });
  return all;
}

bool WebsocketCheck::pass(StepIndex index, std::string detail) {
  steps_[index].outcome = Outcome::kPassed;
  steps_[index].detail = std::move(detail);
  return true;
}

bool WebsocketCheck::fail(StepIndex index, std::string detail, std::string_view remedy) {
  steps_[index].outcome = Outcome::kFailed;
  steps_[index].detail = std::move(detail);
  steps_[index].remedy = remedy;
  return false;
}

Result<HttpReply, Error> WebsocketCheck::get(std::string_view path) {
  http::ClientRequest request;
  request.target = path;
  request.host = server_.host;
  if (const auto authorised = authorisation(settings_, clock_.wall_s())) {
    request.headers = {{"Authorization", *authorised}};
  }
  return fetch(server_.url, std::move(request), deadline());
}

bool WebsocketCheck::check_reachable() {
  const uint64_t begin_ms = clock_.monotonic_ms();
  const auto reply = get("/healthz");
  if (!reply) {
    const std::string& what = reply.error().what;
    const size_t semicolon = std::min(what.find("; "), what.size());
    return fail(kReachable, what.substr(0, semicolon),
                semicolon < what.size() ? what.substr(semicolon + 2) : "look at --url");
  }
  if (reply->status != 200) {
    return fail(kReachable,
                fmt::format("{}/healthz answered {}", server_.url.text(), reply->status),
                "that is no Carillon server; look at --url");
  }
  steps_[kReachable].latency_ms = ms_since(begin_ms);
  return pass(kReachable, server_.url.text());
}

void WebsocketCheck::check_ready() {
  const auto reply = get("/readyz");
  if (!reply) {
    fail(kReady, reply.error().what, "look at the server's log");
  } else if (reply->status != 200) {
    explain_unready(*reply);
  } else {
    pass(kReady, "channel layer and store answer");
  }
  check_layer(reply ? std::string_view(reply->body) : std::string_view());
}

void WebsocketCheck::explain_unready(const HttpReply& reply) {
  const std::string trouble = member_of(reply.body, "layer_trouble");
  if (!trouble.empty()) {
    const Finding finding = trouble_finding("", trouble);
    fail(kReady, fmt::format("/readyz answered {}: {}", reply.status, finding.what),
         finding.remedy.empty() ? "look at the server's log" : finding.remedy);
  } else if (is_draining(reply.body)) {
    fail(kReady, fmt::format("/readyz answered {}: the server is stopping", reply.status),
         "wait for the new one, or start it");
  } else {
    fail(kReady, fmt::format("/readyz answered {} {}", reply.status, reply.body),
         "the server is stopping, or cannot reach its channel layer or store; look at its log");
  }
}

void WebsocketCheck::check_layer(std::string_view readyz) {
  if (settings_.layer.is_redis()) return check_own_layer();
  const std::string state = member_of(readyz, "layer");
  if (state == "ok") {
    pass(kLayer, "the server says so");
  } else if (state.empty()) {
    steps_[kLayer].outcome = Outcome::kLeftOut;
  } else {
    const Finding finding = trouble_finding("", member_of(readyz, "layer_trouble"));
    fail(kLayer, "the server says " + state + (finding.what.empty() ? "" : ": " + finding.what),
         finding.remedy.empty() ? "look at the server's log" : finding.remedy);
  }
}

void WebsocketCheck::check_own_layer() {
  const auto options = layer::redis_layer_options(settings_.layer);
  if (!options) {
    fail(kLayer, options.error().what, "correct it here and at the server");
    return;
  }
  const uint64_t begin_ms = clock_.monotonic_ms();
  std::string names;
  for (const redis::Location& location : options->hosts) {
    const bool is_first = &location == &options->hosts.front();
    for (const Finding& finding :
         redis_findings(location, settings_.layer, is_first, clock_, server_.timeout_ms)) {
      if (finding.verdict != Verdict::kBad) continue;
      fail(kLayer, finding.subject + ": " + finding.what, finding.remedy);
      return;
    }
    names += (names.empty() ? "" : ", ") + location.to_string();
  }
  steps_[kLayer].latency_ms = ms_since(begin_ms) / options->hosts.size();
  pass(kLayer, names);
  const auto round_trip = measure_round_trip(
      {.settings = settings_.layer, .clock = clock_, .timeout_ms = server_.timeout_ms});
  if (!round_trip) {
    const Finding finding = trouble_finding("", round_trip.error().what);
    fail(kRoundTrip, finding.what, finding.remedy);
    return;
  }
  steps_[kRoundTrip].latency_ms = *round_trip;
  pass(kRoundTrip, settings_.layer.backend);
}

bool WebsocketCheck::check_token() {
  if (is_token_given_) return check_given_token();
  token_ = auth::mint_token(settings_.auth, {.user_id = user_id_,
                                             .role = "",
                                             .is_staff = false,
                                             .ttl_s = kTokenSeconds,
                                             .now_s = clock_.wall_s()});
  if (!token_.empty()) return pass(kToken, fmt::format("for a user of its own, {}", user_id_));
  return fail(
      kToken, "there is nothing to sign with: SECRET_KEY is not set here",
      "set SECRET_KEY to the server's (environment, .env or carillon.toml), or give --token");
}

bool WebsocketCheck::check_given_token() {
  const auto view = read_token(token_);
  if (!view) return fail(kToken, view.error().what, kTokenRemedy);
  user_id_ = view->text(settings_.auth.user_id_claim);
  if (user_id_.empty()) {
    return fail(kToken, fmt::format("it has no claim {}", settings_.auth.user_id_claim),
                kTokenRemedy);
  }
  const int64_t now_s = clock_.wall_s();
  const auto expires_at_s = view->time("exp");
  if (expires_at_s && *expires_at_s <= now_s) {
    return fail(kToken, fmt::format("it has expired {}", distance_text(*expires_at_s, now_s)),
                kTokenRemedy);
  }
  return pass(kToken, fmt::format("user {}", user_id_));
}

bool WebsocketCheck::connect() {
  const uint64_t begin_ms = clock_.monotonic_ms();
  WsRequest request{.host = server_.host, .target = std::string(kPath), .token = token_};
  auto client = WsClient::open(server_.url, request, deadline());
  if (!client) {
    explain_refusal(client.error());
    return false;
  }
  pass(kAccepted, "");
  client_ = *std::move(client);
  const auto first = client_->receive_text(deadline());
  if (!first) return fail(kConnected, first.error().what, "look at the server's log");
  if (!has_type(*first, "connection_established")) {
    return fail(kConnected, "the first frame is not connection_established",
                "is that a Carillon server? Look at --url");
  }
  steps_[kConnected].latency_ms = ms_since(begin_ms);
  return pass(kConnected, std::string(kPath));
}

void WebsocketCheck::explain_refusal(const WsRefusal& refusal) {
  const int status = refusal.status;
  if (status == 401) {
    fail(kAccepted, fmt::format("401: {}", refusal.error.what),
         is_token_given_ ? kTokenRemedy : kSecretRemedy);
    return;
  }
  if (status == 0) {
    fail(kConnected, refusal.error.what, "look at the server's log, and at proxies in between");
    return;
  }
  // The token is looked at before the permission and after everything else.
  if (status == 403 && refusal.error.what.find("rigin") == std::string::npos) pass(kAccepted, "");
  fail(kConnected, fmt::format("{}: {}", status, refusal.error.what), refusal_remedy(status));
}

bool WebsocketCheck::publish() {
  const auto authorised = authorisation(settings_, clock_.wall_s());
  if (!authorised) {
    return fail(kPublished, "there is neither an API key nor a SECRET_KEY here",
                "set CARILLON_API_KEYS to one of the server's");
  }
  const PublishRequest request = {
      .method = http::Method::kPost,
      .path = "/api/realtime/groups/" + group() + '/',
      .body = json::Value::object({{"type", kEventType}, {"nonce", nonce_}})};
  published_at_ms_ = clock_.monotonic_ms();
  const auto reply = send_publish(server_, *authorised, request, clock_);
  if (!reply) return fail(kPublished, reply.error().what, "look at the server's log");
  if (reply->status == 202) {
    steps_[kPublished].latency_ms = ms_since(published_at_ms_);
    return pass(kPublished, "to group " + group());
  }
  return fail(kPublished, fmt::format("{}: {}", reply->status, detail_of(reply->body)),
              publish_remedy(reply->status));
}

void WebsocketCheck::receive() {
  const Deadline until = deadline();
  for (;;) {
    const auto text = client_->receive_text(until);
    if (!text) {
      fail(kReceived, text.error().what,
           "the event was accepted but did not arrive; look at the server's log and /metrics");
      return;
    }
    if (!has_type(*text, kEventType) || text->find(nonce_) == std::string::npos) continue;
    steps_[kReceived].latency_ms = ms_since(published_at_ms_);
    pass(kReceived, "");
    return;
  }
}

void print_steps(std::span<const Step> steps, Console& console) {
  for (const Step& step : steps) {
    std::string line;
    switch (step.outcome) {
      case Outcome::kPassed:
        line = console.paint(Color::kGreen, "✓");
        break;
      case Outcome::kFailed:
        line = console.paint(Color::kRed, "✗");
        break;
      case Outcome::kNotTried:
        line = console.paint(Color::kDim, "–");
        break;
      case Outcome::kLeftOut:
        continue;
    }
    line += fmt::format(" {}", step.title);
    if (!step.detail.empty()) line += ": " + one_line(step.detail);
    if (step.outcome == Outcome::kNotTried) line += ": not tried";
    if (step.latency_ms) line += " (" + latency_text(*step.latency_ms) + ")";
    console.print_line(line);
    if (!step.remedy.empty()) console.print_line("  → " + step.remedy);
  }
}

json::Value steps_json(std::span<const Step> steps) {
  json::Value all = json::Value::array();
  for (const Step& step : steps) {
    if (step.outcome == Outcome::kLeftOut) continue;
    const bool is_tried = step.outcome != Outcome::kNotTried;
    json::Value entry = json::Value::object({{"step", step.name}});
    entry.set("ok", is_tried ? json::Value(step.outcome == Outcome::kPassed) : json::Value());
    entry.set("detail", step.detail);
    entry.set("remedy", step.remedy.empty() ? json::Value() : json::Value(step.remedy));
    entry.set("latency_ms", step.latency_ms ? json::Value(*step.latency_ms) : json::Value());
    all.as_array()->push_back(std::move(entry));
  }
  return all;
}

}  // namespace carillon::cmd
