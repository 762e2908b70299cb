#include "cmd/redis_check.h"

#include <fmt/core.h>

#include <charconv>
#include <optional>

#include "carillon/layer/channels_redis_names.h"
#include "carillon/layer/core_membership.h"
#include "carillon/layer/redis_layer_options.h"
#include "carillon/redis/blocking.h"
#include "carillon/redis/trouble.h"

namespace carillon::cmd {
namespace {

constexpr uint64_t kTimeoutMs = 3'000;
constexpr int64_t kClockDifferenceMsMax = 5'000;
constexpr unsigned kMajorVersionMin = 5;
constexpr std::string_view kSubject = "channel layer";
constexpr std::string_view kCheckedGroup = "carillon.check";  // nobody is in it

using Commands = std::vector<std::vector<std::string>>;

// The value of one line of INFO; empty where there is none.
std::string_view field_of(std::string_view info, std::string_view name) {
  for (size_t begin = 0; begin < info.size();) {
    const size_t end = std::min(info.find("\r\n", begin), info.size());
    const std::string_view line = info.substr(begin, end - begin);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return line.substr(name.size() + 1);
    }
    begin = end + 2;
  }
  return {};
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

std::string_view text_of(const redis::CommandResult& result) {
  return result && result->is_text() ? std::string_view(result->text) : std::string_view();
}

// Writes nothing: with XX a member is never added. Over pub/sub nobody listens.
std::vector<std::string> probe_of(const config::LayerSettings& settings) {
  if (settings.backend == "pubsub") {
    return {"PUBLISH", layer::pubsub_group_channel(settings.prefix, kCheckedGroup), ""};
  }
  return {"ZADD", layer::core_group_key(settings.prefix, layer::kNodesGroup), "XX", "0", "-"};
}

// What nodes share on the first host. Writes nothing either: with XX only what is there is set.
Commands shared_probes_of(const config::LayerSettings& settings) {
  const std::string key = ":" + settings.prefix + ":" + std::string(kCheckedGroup);
  return {{"SET", "carillon:idempotency" + key, "", "XX", "PX", "1"},
          {"GET", "carillon:directory" + key},
          {"HGETALL", "carillon:state" + key}};
}

// TIME, against the clock of this machine; nothing when it was refused.
std::optional<int64_t> milliseconds_ahead(const redis::CommandResult& time, int64_t wall_ms) {
  if (!time || time->elements.size() != 2) return std::nullopt;
  const auto seconds = number_of<int64_t>(time->elements[0].text);
  const auto microseconds = number_of<int64_t>(time->elements[1].text);
  if (!seconds || !microseconds) return std::nullopt;
  return *seconds * 1'000 + *microseconds / 1'000 - wall_ms;
}

Finding good_finding(std::string_view info, const std::string& subject) {
  const std::string_view version = field_of(info, "redis_version");
  if (version.empty()) {
    return {Verdict::kGood, subject, "it answers and takes events (it does not tell its version)"};
  }
  return {Verdict::kGood, subject, fmt::format("Redis {} answers and takes events", version)};
}

Finding inbox_finding() {
  return {Verdict::kWarning, "inbox",
          "each node keeps notifications and unread counts in memory, for itself",
          "run one node, or let the backend keep them: only events reach the other nodes"};
}

}  // namespace

Finding trouble_finding(const std::string& subject, std::string_view trouble) {
  if (trouble.starts_with(subject + ": ")) trouble.remove_prefix(subject.size() + 2);
  const size_t semicolon = std::min(trouble.find("; "), trouble.size());
  Finding finding{Verdict::kBad, subject, std::string(trouble.substr(0, semicolon))};
  if (semicolon < trouble.size()) finding.remedy = trouble.substr(semicolon + 2);
  return finding;
}

std::optional<Finding> clock_finding(int64_t ahead_ms, const std::string& subject) {
  const int64_t apart_ms = ahead_ms < 0 ? -ahead_ms : ahead_ms;
  if (apart_ms <= kClockDifferenceMsMax) return std::nullopt;
  return Finding{Verdict::kWarning, subject,
                 fmt::format("its machine's clock is {} s {} this one's", apart_ms / 1'000,
                             ahead_ms < 0 ? "behind" : "ahead of"),
                 "set the clocks of all machines by NTP: by them events and memberships expire"};
}

std::vector<Finding> info_findings(std::string_view info,
                                   std::string_view backend,
                                   const std::string& subject) {
  std::vector<Finding> findings;
  const std::string_view version = field_of(info, "redis_version");
  const auto major = number_of<unsigned>(version);
  if (major && *major < kMajorVersionMin) {
    findings.push_back({Verdict::kBad, subject, fmt::format("Redis {} is too old", version),
                        "use Redis 5.0 or later"});
  }
  if (field_of(info, "cluster_enabled") == "1") {
    findings.push_back({Verdict::kBad, subject, "it is part of a Redis Cluster",
                        std::string(redis::remedy_for(redis::Cause::kCluster))});
  }
  if (field_of(info, "role") == "slave") {
    findings.push_back({Verdict::kBad, subject, "it is a replica",
                        std::string(redis::remedy_for(redis::Cause::kReadOnly))});
  }
  if (backend == "pubsub") return findings;  // keeps nothing that could be thrown away
  const std::string_view policy = field_of(info, "maxmemory_policy");
  if (field_of(info, "maxmemory") != "0" && !policy.empty() && policy != "noeviction") {
    findings.push_back(
        {Verdict::kWarning, subject,
         fmt::format("maxmemory-policy is {}: short of memory it throws groups and events away",
                     policy),
         "CONFIG SET maxmemory-policy noeviction, and a Redis of its own for the cache"});
  }
  if (field_of(info, "rdb_last_bgsave_status") == "err" ||
      field_of(info, "aof_last_write_status") == "err") {
    findings.push_back({Verdict::kWarning, subject, "its last save failed; it may refuse writes",
                        std::string(redis::remedy_for(redis::Cause::kDiskFailing))});
  }
  return findings;
}

std::vector<Finding> redis_findings(const redis::Location& location,
                                    const config::LayerSettings& settings,
                                    bool is_first,
                                    const Clock& clock,
                                    uint64_t timeout_ms) {
  const std::string subject = location.to_string();
  Commands commands = {{"TIME"}, {"INFO"}, probe_of(settings)};
  if (is_first) {
    for (auto& command : shared_probes_of(settings)) commands.push_back(std::move(command));
  }
  const auto results = redis::run_commands(location, commands, timeout_ms);
  if (!results) return {trouble_finding(subject, results.error().what)};
  const int64_t wall_ms = clock.wall_ms();
  const std::string_view info = text_of((*results)[1]);
  std::vector<Finding> findings = info_findings(info, settings.backend, subject);
  for (size_t i = 2; i < results->size() && !has_bad(findings); ++i) {
    const auto& probed = (*results)[i];
    if (probed) continue;
    findings.push_back(
        trouble_finding(subject, redis::trouble_of(probed.error().text).to_string()));
  }
  if (const auto ahead_ms = milliseconds_ahead((*results)[0], wall_ms)) {
    if (auto finding = clock_finding(*ahead_ms, subject)) findings.push_back(*std::move(finding));
  }
  if (!has_bad(findings)) findings.insert(findings.begin(), good_finding(info, subject));
  return findings;
}

std::vector<Finding> layer_findings(const config::Settings& settings, const Clock& clock) {
  if (!settings.layer.is_redis()) return {};
  const auto options = layer::redis_layer_options(settings.layer);
  if (!options) return {{Verdict::kBad, std::string(kSubject), options.error().what}};
  std::vector<Finding> findings;
  for (const redis::Location& location : options->hosts) {
    const bool is_first = &location == &options->hosts.front();
    const auto more = redis_findings(location, settings.layer, is_first, clock, kTimeoutMs);
    findings.insert(findings.end(), more.begin(), more.end());
  }
  findings.push_back(inbox_finding());
  return findings;
}

}  // namespace carillon::cmd
