#include "cmd/notify_via.h"

#include <fmt/core.h>

#include "carillon/json/writer.h"
#include "carillon/redis/location.h"
#include "cmd/own_layer.h"

namespace carillon::cmd {
namespace {

Error bad_via(std::string_view what) {
  return {"bad_via", fmt::format("--via: {}", what)};
}

// The layer of the settings, at the place that --via says.
Result<config::LayerSettings, Error> layer_at(const std::string& via,
                                              config::LayerSettings settings) {
  if (via == kViaSettings) {
    if (settings.is_redis()) return settings;
    return Err(bad_via("the settings name no Redis; set REDIS_URL, or give the address here"));
  }
  const auto location = redis::Location::parse(via);
  if (!location) {
    return Err(bad_via(location.error().what +
                       "; give it as redis://host:6379/0, rediss://… or unix:///path"));
  }
  settings.hosts.clear();
  settings.sentinels.clear();
  settings.url = Secret(via);
  return settings;
}

ExitCode report(const std::string& group,
                const layer::SendResult& sent,
                const ClientArguments& arguments,
                Context& context) {
  if (sent.over_capacity_count > 0) {
    context.console.note(fmt::format(
        "warning: {} of its receivers had their channels full and missed it; see channel_capacity",
        sent.over_capacity_count));
  }
  if (!arguments.is_json) {
    context.console.print_line("sent to group " + group);
    return ExitCode::kDone;
  }
  context.console.print_line(json::to_json(
      json::Value::object({{"accepted", json::Value(true)},
                           {"group", group},
                           {"over_capacity", json::Value(uint64_t{sent.over_capacity_count})}})));
  return ExitCode::kDone;
}

}  // namespace

ExitCode notify_via(const std::string& via,
                    const ClientArguments& arguments,
                    const publish::Notice& notice,
                    Context& context) {
  const auto usage = [&context](const Error& error) {
    context.console.complain(error);
    return ExitCode::kUsage;
  };
  if (!notice) return usage({"bad_event", notice.error().field + ": " + notice.error().message});
  if (!arguments.url.empty()) return usage(bad_via("--url names a server; give one of the two"));
  const auto timeout_ms = timeout_of(arguments);
  if (!timeout_ms) return usage(timeout_ms.error());
  const auto loaded = load_settings(*arguments.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  const auto settings = layer_at(via, loaded->settings.layer);
  if (!settings) return usage(settings.error());
  const auto sent = send_through_layer(
      {.settings = *settings, .clock = context.clock, .timeout_ms = *timeout_ms}, *notice);
  if (!sent) {
    context.console.complain(sent.error());
    return ExitCode::kUnreachable;
  }
  return report(notice->group, *sent, arguments, context);
}

}  // namespace carillon::cmd
