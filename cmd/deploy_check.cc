#include "cmd/deploy_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "carillon/config/secret_strength.h"
#include "carillon/config/url.h"
#include "carillon/layer/redis_layer_options.h"
#include "cmd/time_text.h"

namespace carillon::cmd {
namespace {

constexpr uint64_t kDescriptorsFew = 65'536;

Finding secret_finding(const config::AuthSettings& auth) {
  constexpr std::string_view kSubject = "SECRET_KEY";
  const bool is_used = std::ranges::any_of(
      auth.algorithms, [](const std::string& name) { return name.starts_with("HS"); });
  if (!is_used)
    return {Verdict::kGood, std::string(kSubject), "not used by the algorithms in force"};
  if (auth.secret_key.empty()) {
    return {Verdict::kBad, std::string(kSubject), "is not set",
            "set it to the backend's, or to the output of `openssl rand -base64 48`"};
  }
  const std::string weakness = config::secret_weakness(auth.secret_key.reveal());
  if (weakness.empty())
    return {Verdict::kGood, std::string(kSubject), "is set and not a known one"};
  return {Verdict::kBad, std::string(kSubject), weakness,
          "use the output of `openssl rand -base64 48`, here and in the backend"};
}

Finding hosts_finding(const config::Settings& settings) {
  if (settings.allowed_hosts.empty()) {
    return {Verdict::kBad, "ALLOWED_HOSTS", "is not set, so only loopback names are answered",
            "list the host names that clients use, such as example.com"};
  }
  if (std::ranges::find(settings.allowed_hosts, "*") != settings.allowed_hosts.end()) {
    return {Verdict::kBad, "ALLOWED_HOSTS", "* answers to any name",
            "list the host names that clients use, such as example.com"};
  }
  return {Verdict::kGood, "ALLOWED_HOSTS",
          fmt::format("{} name(s) are answered", settings.allowed_hosts.size())};
}

Finding origins_finding(const std::vector<std::string>& origins) {
  const auto plain = std::ranges::find_if(
      origins, [](const std::string& origin) { return origin.starts_with("http://"); });
  if (plain != origins.end()) {
    return {Verdict::kWarning, "CORS_ALLOWED_ORIGINS",
            fmt::format("{} is not encrypted, so what its pages send can be read", *plain),
            "list its https:// address"};
  }
  return {Verdict::kGood, "CORS_ALLOWED_ORIGINS",
          origins.empty() ? "only pages of our own origin may connect"
                          : fmt::format("{} other origin(s) may connect", origins.size())};
}

Finding keys_finding(const std::vector<Secret>& keys) {
  if (keys.empty()) {
    return {Verdict::kWarning, "CARILLON_API_KEYS", "none: only staff tokens may publish",
            "set one for the backend: `openssl rand -hex 32`"};
  }
  const bool is_short = std::ranges::any_of(
      keys, [](const Secret& key) { return key.size() < config::kSecretBytesMin; });
  if (is_short) {
    return {Verdict::kBad, "CARILLON_API_KEYS", "one is shorter than 32 bytes",
            "use the output of `openssl rand -hex 32`"};
  }
  return {Verdict::kGood, "CARILLON_API_KEYS", fmt::format("{} key(s)", keys.size())};
}

Finding expiry_finding(const config::AuthSettings& auth) {
  if (auth.on_expiry == "enforce") {
    return {Verdict::kGood, "auth.on_expiry",
            "enforce: a plain connection ends with its token (4401)"};
  }
  return {Verdict::kWarning, "auth.on_expiry",
          fmt::format("keep: a plain connection outlives its token, by up to {}",
                      span_text(auth.session_max_s)),
          "set auth.on_expiry to enforce if a token that has expired must end its connections"};
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

bool is_plain_and_remote(std::string_view url) {
  const auto parts = config::split_url(url);
  return parts && parts->scheme == "http" && !is_loopback(parts->host);
}

void add_backend_findings(const config::AuthSettings& auth, std::vector<Finding>& findings) {
  const bool asks_for_users = auth.directory == "http";
  if (asks_for_users && is_plain_and_remote(auth.directory_url)) {
    findings.push_back({Verdict::kWarning, "auth.directory_url",
                        "is not encrypted, so who may what can be forged on the way",
                        "use https://, or make sure that only the two machines share the network"});
  }
  if (is_plain_and_remote(auth.http_url)) {
    findings.push_back({Verdict::kWarning, "auth.http_url",
                        "is not encrypted, so sessions can be read on the way",
                        "use https://, or make sure that only the two machines share the network"});
  }
}

bool is_remote(const redis::Location& location) {
  if (!location.unix_path.empty()) return false;
  // A Sentinel names a master that may be anywhere.
  return location.sentinel.has_value() || !is_loopback(location.server.host);
}

void add_redis_findings(const config::LayerSettings& layer, std::vector<Finding>& findings) {
  if (!layer.is_redis()) return;
  const auto options = layer::redis_layer_options(layer);
  if (!options) return;  // `check` itself says so
  for (const redis::Location& location : options->hosts) {
    if (!is_remote(location)) continue;
    if (!location.tls) {
      findings.push_back(
          {Verdict::kWarning, location.to_string(),
           "is not encrypted, so passwords and events can be read and forged on the way",
           "use rediss://, or make sure that only the machines in question share the network"});
    }
    if (location.credentials.empty()) {
      findings.push_back({Verdict::kWarning, location.to_string(),
                          "asks for no password, so whoever reaches it can publish to every user",
                          "set requirepass or an ACL user there, and give it in the URL"});
    }
  }
}

Finding descriptor_finding(const config::Settings& settings, uint64_t descriptors_max) {
  constexpr uint64_t kReserve = 256;
  const uint64_t wanted = settings.limits.connections_max == 0
                              ? kDescriptorsFew
                              : settings.limits.connections_max + kReserve;
  const std::string what =
      fmt::format("the hard limit of open files is {}, so {} connections fit", descriptors_max,
                  descriptors_max - std::min(descriptors_max, kReserve));
  if (descriptors_max >= wanted) return {Verdict::kGood, "descriptors", what};
  return {settings.limits.connections_max == 0 ? Verdict::kWarning : Verdict::kBad, "descriptors",
          what, fmt::format("raise it to {}: LimitNOFILE= of the service, or ulimit -Hn", wanted)};
}

Finding switch_finding(std::string_view name, bool is_on, std::string_view when_on) {
  if (!is_on) return {Verdict::kGood, std::string(name), "off"};
  return {Verdict::kBad, std::string(name), std::string(when_on), "switch it off"};
}

}  // namespace

std::vector<Finding> deploy_findings(const config::Settings& settings, uint64_t descriptors_max) {
  std::vector<Finding> findings = {
      secret_finding(settings.auth),
      hosts_finding(settings),
      origins_finding(settings.cors_allowed_origins),
      keys_finding(settings.api_keys),
      switch_finding("DEBUG", settings.debug,
                     "on: errors may show what only developers should see"),
      switch_finding("demo", settings.demo, "on: anybody gets tokens for its accounts"),
      expiry_finding(settings.auth),
      descriptor_finding(settings, descriptors_max),
  };
  findings.push_back(
      {Verdict::kGood, "inbox", "in memory: notifications are forgotten when the server restarts"});
  add_backend_findings(settings.auth, findings);
  add_redis_findings(settings.layer, findings);
  if (settings.drain.delay_ms == 0) {
    findings.push_back({Verdict::kWarning, "drain.delay",
                        "0: the listeners close at once on SIGTERM",
                        "behind a load balancer set it to the time in which /readyz is noticed"});
  }
  return findings;
}

}  // namespace carillon::cmd
