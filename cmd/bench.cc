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

// Which of the options a scenario has; combined with |.
enum Topic : uint8_t { kPublishes = 1, kCounts = 2, kMerges = 4, kOpens = 8, kStalls = 16 };

struct Scenario {
  CommandText text;
  Result<Report, Error> (*run)(const Run& run);
  uint8_t topics;
  double rate = 0;  // the default of --rate, where it has one
};

constexpr std::array kScenarios = {
    Scenario{{.name = "fan-out",
              .summary = "an event to all of a group: what a delivery costs",
              .description = "Publishes to a group that all connections are in. The next event "
                             "follows when all have the last; with --in-flight 16 so many are "
                             "written together, and the next when all are answered.",
              .examples = "  carillon bench fan-out --connections 5000 --pid PID\n"
                          "  carillon bench fan-out --in-flight 16 --messages 1600 --pid PID\n"},
             bench::run_fan_out,
             kPublishes | kCounts | kMerges},
    Scenario{{.name = "ping",
              .summary = "round trips of the client's ping message",
              .description = "Sends each connection's pings by the clock and times the pongs. The "
                             "server's limit for client messages is 20 a second by default."},
             bench::run_ping,
             kCounts,
             5},
    Scenario{{.name = "handshakes",
              .summary = "a storm of connections, each closed once it is upgraded",
              .description = "Connects, upgrades and closes, so many under way at once; the next "
                             "begins in the place of each that is done."},
             bench::run_handshakes,
             kOpens},
    Scenario{{.name = "idle",
              .summary = "connections that only stand: the memory of each",
              .description = "Opens connections, lets the server come to rest and compares its "
                             "memory with before (needs --pid)."},
             bench::run_idle,
             0},
    Scenario{{.name = "slow-readers",
              .summary = "some stop reading: what do the others notice?",
              .description = "Publishes by the clock while some connections do not read. Reports "
                             "the latency of the others, the server's memory, and what the "
                             "stalled ones find when they read again.",
              .examples = "  carillon bench slow-readers --connections 10000 --messages 300\n"
                          "  carillon bench slow-readers --body-bytes 16384 --rate 20 --pid PID\n"},
             bench::run_slow_readers,
             kPublishes | kCounts | kStalls,
             10},
};

// A number on the command line and the option that it becomes.
struct Number {
  std::string_view name, value_name, help;
  uint32_t Options::* option;
  uint8_t topics = 0;  // 0: every scenario has it
  uint32_t min = 1;
};

constexpr std::array kNumbers = {
    Number{"--connections", "N", "connections, each of a user of its own", &Options::connections},
    Number{"--messages", "N", "events to publish; pings of each connection", &Options::messages,
           kCounts},
    Number{"--body-bytes", "N", "size of an event as it is delivered", &Options::body_bytes,
           kPublishes, bench::kEventBytesMin},
    Number{"--warm-up", "N", "events before the measurement starts", &Options::warm_up, kPublishes,
           0},
    Number{"--in-flight", "N", "events written in one go", &Options::in_flight, kMerges},
    Number{"--concurrency", "N", "handshakes under way at once", &Options::concurrency, kOpens},
    Number{"--receive-buffer", "BYTES", "SO_RCVBUF of a stalled reader",
           &Options::receive_buffer_bytes, kStalls},
    Number{"--stall", "MS", "how long they do not read; 0: until all is published",
           &Options::stall_ms, kStalls, 0},
    Number{"--timeout", "S", "give up after so long without progress", &Options::timeout_s},
    Number{"--pid", "PID", "the server's process: measure its CPU and memory", &Options::server_pid,
           0, 0},
    Number{"--layer-pid", "PID", "the channel layer's process, such as redis-server's: its CPU",
           &Options::layer_pid, kMerges, 0},
};

// What the parser fills, before it is checked.
struct Given {
  Options options;
  std::array<uint64_t, kNumbers.size()> numbers{};
  std::shared_ptr<SettingArguments> settings;
};

Result<void, Error> take_numbers(const Scenario& scenario, Given& given) {
  for (size_t i = 0; i < kNumbers.size(); i++) {
    const Number& number = kNumbers[i];
    const uint64_t value = given.numbers[i];
    if (value < number.min || value > std::numeric_limits<uint32_t>::max())
      return Err(Error{"bad_option", std::string(number.name) + " must be at least " +
                                         std::to_string(number.min)});
    given.options.*number.option = static_cast<uint32_t>(value);
  }
  const Options& options = given.options;
  if (options.rate < 0 ||
      (options.rate == 0 && (scenario.topics & kPublishes) && scenario.rate > 0))
    return Err(Error{"bad_option", "--rate must be above 0: events are published by the clock"});
  if (options.stalled_percent < 0 || options.stalled_percent > 100)
    return Err(Error{"bad_option", "--stalled must be between 0 and 100"});
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

Result<bench::Target, Error> publish_target_of(const Run& run) {
  if (run.options.publish_url.empty()) return run.target;
  CARILLON_TRY(const Url url, parse_url(run.options.publish_url));
  return bench::resolve_target(url);
}

Result<Report, Error> run_scenario(const Scenario& scenario,
                                   Run& run,
                                   const config::Settings& settings,
                                   int64_t now_s) {
  CARILLON_TRY(const Url url, url_of_server(run.options.url, settings));
  run.options.url = url.text();
  CARILLON_TRY(run.target, bench::resolve_target(url));
  CARILLON_TRY(run.publish_target, publish_target_of(run));
  if ((scenario.topics & kPublishes) && run.options.group.empty()) {
    CARILLON_TRY(run.options.group, bench::group_of(run.options.endpoint, settings));
  }
  CARILLON_TRY(run.credentials, bench::make_credentials(run.options, settings, now_s));
  if (auto reached = bench::connect_and_wait(run.target, run.options.timeout_s); !reached)
    return Err(reached.error());
  raise_descriptor_limit();
  return scenario.run(run);
}

ExitCode fail(const Error& error, Context& context) {
  context.console.complain(error);
  return exit_code_for(error);
}

ExitCode run_bench(const Scenario& scenario, Given& given, Context& context) {
  if (const auto taken = take_numbers(scenario, given); !taken) return fail(taken.error(), context);
  const auto loaded = load_client_settings(*given.settings, context);
  if (!loaded) return ExitCode::kConfiguration;
  Run run;
  run.options = given.options;
  const auto report = run_scenario(scenario, run, loaded->settings, context.clock.wall_s());
  if (!report) return fail(report.error(), context);
  context.console.print(run.options.json ? report->to_json() : report->to_table());
  return report->has_failed() ? ExitCode::kCheckFailed : ExitCode::kDone;
}

void add_scenario(Command& parent, const Scenario& scenario) {
  Command& command = parent.add_command(scenario.text);
  auto given = std::make_shared<Given>();
  Options& options = given->options;
  options.scenario = scenario.text.name;
  options.rate = scenario.rate;
  command.add_option("--url", options.url, "URL", "the server; default: where the settings bind");
  command.add_option("--endpoint", options.endpoint, "PATH", "where the connections go");
  for (size_t i = 0; i < kNumbers.size(); i++) {
    const Number& number = kNumbers[i];
    given->numbers[i] = options.*number.option;
    if (number.topics == 0 || (number.topics & scenario.topics))
      command.add_option(number.name, given->numbers[i], number.value_name, number.help);
  }
  if (scenario.topics & kPublishes) {
    command.add_option("--group", options.group, "GROUP", "published to; default: the endpoint's");
    command.add_option("--publish-url", options.publish_url, "URL",
                       "who takes the events, with the same HTTP route; default: the server");
  }
  if (scenario.rate > 0)
    command.add_option("--rate", options.rate, "PER_S",
                       scenario.topics & kPublishes
                           ? "events a second"
                           : "pings of each connection a second; 0: one after the other");
  if (scenario.topics & kMerges)
    command.add_flag("--lockstep", options.lockstep, "the next only when all members have these");
  if (scenario.topics & kStalls)
    command.add_option("--stalled", options.stalled_percent, "PERCENT", "that do not read");
  command.add_flag("--json", options.json, "one JSON object instead of a table");
  command.add_flag("--plain-upgrade", options.plain_upgrade, "no tokens, as bench/floor wants it");
  given->settings = add_setting_options(command, SettingScope::kAuth);
  command.on_run(
      [given, scenario](Context& context) { return run_bench(scenario, *given, context); });
}

}  // namespace

void add_bench(Command& root) {
  Command& bench = root.add_command(
      {.name = "bench",
       .summary = "load from the outside: fan-out, latency, memory",
       .description =
           "Puts a running server under load and reports what it cost. Every frame is checked: "
           "numbered, in order, once; exit code 1 says that something was lost."});
  for (const Scenario& scenario : kScenarios) add_scenario(bench, scenario);
}

}  // namespace carillon::cmd
