#include "cmd/bench.h"

#include <sys/resource.h>

#include <array>
#include <limits>
#include <memory>
#include <string>

#include "carillon/config/bind_address.h"
#include "cmd/bench_credentials.h"
#include "cmd/bench_event.h"
#include "cmd/bench_scenarios.h"
#include "cmd/setting_arguments.h"
#include "cmd/url.h"

namespace carillon::cmd {
namespace {

using bench::Options;
using bench::Report;
using bench::Run;

struct Scenario {
  std::string_view name;
  Result<Report, Error> (*run)(const Run& run);
  bool has_group;  // publishes to the connections
};

constexpr std::array kScenarios = {
    Scenario{"fan-out", bench::run_fan_out, true},
    Scenario{"ping", bench::run_ping, false},
    Scenario{"handshakes", bench::run_handshakes, false},
    Scenario{"idle", bench::run_idle, false},
    Scenario{"slow-readers", bench::run_slow_readers, true},
};

// A number on the command line and the option that it becomes.
struct Number {
  std::string_view name, value_name, help;
  uint32_t Options::* option;
  uint32_t min = 1;
};

constexpr std::array kNumbers = {
    Number{"--connections", "N", "connections, each of a user of its own", &Options::connections},
    Number{"--messages", "N", "events to publish; pings of each connection", &Options::messages},
    Number{"--warm-up", "N", "events before the measurement starts", &Options::warm_up, 0},
    Number{"--in-flight", "N", "fan-out: events written in one go", &Options::in_flight},
    Number{"--body-bytes", "N", "size of an event as it is delivered", &Options::body_bytes},
    Number{"--concurrency", "N", "handshakes under way at once", &Options::concurrency},
    Number{"--receive-buffer", "BYTES", "a stalled reader's", &Options::receive_buffer_bytes},
    Number{"--stall", "MS", "stalled readers resume then; 0: at the end", &Options::stall_ms, 0},
    Number{"--timeout", "S", "give up after so long without progress", &Options::timeout_s},
    Number{"--pid", "PID", "the server: measure its CPU and memory", &Options::server_pid, 0},
};

// What the parser fills, before it is checked.
struct Given {
  Options options;
  std::array<uint64_t, kNumbers.size()> numbers{};
  double rate = -1;
  std::shared_ptr<SettingArguments> settings;
};

Result<void, Error> take_numbers(Given& given) {
  for (size_t i = 0; i < kNumbers.size(); i++) {
    const Number& number = kNumbers[i];
    const uint64_t value = given.numbers[i];
    if (value < number.min || value > std::numeric_limits<uint32_t>::max())
      return Err(Error{"bad_option", std::string(number.name) + " must be at least " +
                                         std::to_string(number.min)});
    given.options.*number.option = static_cast<uint32_t>(value);
  }
  Options& options = given.options;
  if (given.rate >= 0)
    options.rate = given.rate;
  else
    options.rate = options.scenario == "ping" ? 5.0 * options.connections : 10.0;
  if (options.scenario == "slow-readers" && *options.rate <= 0)
    return Err(Error{"bad_option", "--rate must be above 0: events are published by the clock"});
  if (options.stalled_percent < 0 || options.stalled_percent > 100)
    return Err(Error{"bad_option", "--stalled must be between 0 and 100"});
  if (options.body_bytes < bench::kEventBytesMin)
    return Err(Error{"bad_option", "--body-bytes must be at least " +
                                       std::to_string(bench::kEventBytesMin) +
                                       ": the event carries its number and time"});
  return {};
}

ExitCode exit_code_for(const Error& error) {
  if (error.code == "unreachable") return ExitCode::kUnreachable;
  if (error.code == "bad_option" || error.code == "bad_url" || error.code == "no_group")
    return ExitCode::kUsage;
  if (error.code == "no_secret") return ExitCode::kConfiguration;
  return ExitCode::kCheckFailed;
}

void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<Url, Error> url_of_server(const std::string& given, const config::Settings& settings) {
  if (!given.empty()) return parse_url(given);
  const std::string bind = settings.bind.empty() ? "" : settings.bind.front();
  if (const auto address = config::parse_bind_address(bind)) return url_of(*address);
  return Err(Error{"bad_url", "the settings say nowhere to bind: give --url"});
}

Result<Report, Error> run_scenario(Given& given, const config::Settings& settings, int64_t now_s) {
  const Scenario* scenario = nullptr;
  for (const Scenario& each : kScenarios)
    if (each.name == given.options.scenario) scenario = &each;
  if (!scenario)
    return Err(Error{"bad_option", "there is no scenario " + given.options.scenario +
                                       ": fan-out, ping, handshakes, idle or slow-readers"});
  if (auto taken = take_numbers(given); !taken) return Err(taken.error());
  Run run;
  run.options = given.options;
  CARILLON_TRY(const Url url, url_of_server(run.options.url, settings));
  run.options.url = url.text();
  CARILLON_TRY(run.target, bench::resolve_target(url));
  if (scenario->has_group && run.options.group.empty()) {
    CARILLON_TRY(run.options.group, bench::group_of(run.options.endpoint, settings));
  }
  CARILLON_TRY(run.credentials, bench::make_credentials(run.options, settings, now_s));
  if (auto reached = bench::connect_and_wait(run.target, run.options.timeout_s); !reached)
    return Err(reached.error());
  raise_descriptor_limit();
  return scenario->run(run);
}

ExitCode run_bench(Given& given, Context& context) {
  const auto loaded = load_client_settings(*given.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  const auto report = run_scenario(given, loaded->settings, context.clock.wall_s());
  if (!report) {
    context.console.complain(report.error());
    return exit_code_for(report.error());
  }
  context.console.print(given.options.json ? report->to_json() : report->to_table());
  return report->has_failed() ? ExitCode::kCheckFailed : ExitCode::kDone;
}

constexpr std::string_view kDescription =
    "Puts a running server under load from the outside and reports what it cost.\n\n"
    "  fan-out       one group: an event to all, the next when all have it;\n"
    "                with --in-flight 16: so many in one write, the next when all are answered\n"
    "  ping          round trips of the client's ping message\n"
    "  handshakes    connect, upgrade, close, so many under way at once\n"
    "  idle          connections that only stand: memory of each (needs --pid)\n"
    "  slow-readers  some stop reading while events come at --rate; what do the others notice?\n\n"
    "Every frame is checked: numbered, in order, once. Exit code 1 says that something was lost.";

constexpr std::string_view kExamples =
    "  carillon bench fan-out --connections 5000 --pid $(pgrep -o carillon)\n"
    "  carillon bench slow-readers --connections 10000 --rate 10 --messages 300 --json\n";

}  // namespace

void add_bench(Command& root) {
  Command& command = root.add_command({.name = "bench",
                                       .summary = "Load from the outside: fan-out, latency, memory",
                                       .description = kDescription,
                                       .examples = kExamples});
  auto given = std::make_shared<Given>();
  Options& options = given->options;
  command.add_argument("SCENARIO", options.scenario, "what to do, see above");
  command.add_option("--url", options.url, "URL", "the server's address");
  command.add_option("--endpoint", options.endpoint, "PATH", "where the connections go");
  command.add_option("--group", options.group, "GROUP", "published to; else the endpoint's");
  for (size_t i = 0; i < kNumbers.size(); i++) {
    given->numbers[i] = options.*kNumbers[i].option;
    command.add_option(kNumbers[i].name, given->numbers[i], kNumbers[i].value_name,
                       kNumbers[i].help);
  }
  command.add_option("--rate", given->rate, "PER_S",
                     "events (10), or pings over all connections (5 each); 0: without a pause");
  command.add_option("--stalled", options.stalled_percent, "PERCENT", "connections that stop");
  command.add_flag("--json", options.json, "one JSON object instead of a table");
  command.add_flag("--plain-upgrade", options.plain_upgrade,
                   "no tokens: for bench/floor and other servers");
  given->settings = add_setting_options(command, SettingScope::kAuth);
  command.on_run([given](Context& context) { return run_bench(*given, context); });
}

}  // namespace carillon::cmd
