#include "carillon/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "carillon/config/load_fixture_test.h"
#include "carillon/config/schema.h"

namespace carillon::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using LoadTest = test::LoadFixture;

TEST_F(LoadTest, UsesTheDefaultsWhenNothingIsGiven) {
  const Loaded result = loaded();
  EXPECT_THAT(result.settings.bind, ElementsAre("127.0.0.1:8000"));
  EXPECT_EQ(result.settings.limits.ping_interval_ms, 25'000U);
  EXPECT_FALSE(result.settings.allowed_hosts_given);
  EXPECT_EQ(result.settings.endpoints.size(), 5U);
  EXPECT_EQ(source_of(result, "bind"), "default");
  EXPECT_EQ(source_of(result, "endpoints.mentor"), "default");
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(LoadTest, TakesFlagBeforeEnvironmentBeforeEnvFileBeforeFile) {
  write_toml("workers = 1\n");
  EXPECT_EQ(loaded().settings.workers, 1U);
  write_env("\nCARILLON_WORKERS=2\n");
  Loaded result = loaded();
  EXPECT_EQ(result.settings.workers, 2U);
  EXPECT_EQ(source_of(result, "workers"), options_.env_file + ":2");
  options_.environment = {{"CARILLON_WORKERS", "3"}};
  result = loaded();
  EXPECT_EQ(result.settings.workers, 3U);
  EXPECT_EQ(source_of(result, "workers"), "CARILLON_WORKERS");
  options_.flags = {{"workers", "4"}};
  result = loaded();
  EXPECT_EQ(result.settings.workers, 4U);
  EXPECT_EQ(source_of(result, "workers"), "--workers");
}

// A legal value of a setting that has none by default.
std::string sample_of(std::string_view key) {
  if (key == "cors_allowed_origins") return "https://a.example";
  if (key == "allowed_hosts") return "example.com";
  if (key == "layer_hosts") return "redis://r";
  if (key == "layer_channel_capacities") return "gw.*=10000";
  if (key.ends_with("_url")) return "http://127.0.0.1:1/";
  return "127.0.0.1:1";
}

TEST_F(LoadTest, EverySettingHasAllItsSpellings) {
  options_.base_env_file =
      directory_ + "/base";  // what one of Sentinel's settings alone would lack
  std::ofstream(options_.base_env_file)
      << "CARILLON_LAYER_SENTINELS=127.0.0.1:1\nCARILLON_LAYER_SENTINEL_MASTER=m\n";
  for (const SettingSpec& spec : schema()) {
    Settings defaults;
    std::string text = printable(spec.target(defaults), spec.rules);
    if (text.empty()) text = sample_of(spec.key);
    const std::string key(spec.key);
    options_.flags = {{key, text}};
    EXPECT_EQ(source_of(loaded(), key), flag_name(spec)) << key;
    options_.flags.clear();
    options_.environment = {{environment_name(spec), text}};
    EXPECT_EQ(source_of(loaded(), key), environment_name(spec)) << key;
    options_.environment.clear();
    write_env(environment_name(spec) + "='" + text + "'\n");
    EXPECT_EQ(source_of(loaded(), key), options_.env_file + ":1") << key;
    write_env("");
    write_toml(key + " = '" + text + "'\n");
    EXPECT_EQ(source_of(loaded(), key), options_.toml_file + ":1") << key;
    write_toml("");
  }
}

TEST_F(LoadTest, ReadsTheNamesSharedWithDjango) {
  options_.environment = {{"SECRET_KEY", "s"},
                          {"ALLOWED_HOSTS", "a.example, .b.example"},
                          {"CORS_ALLOWED_ORIGINS", "https://a.example"},
                          {"DEBUG", "True"},
                          {"DATABASE_URL", "postgres://django"},
                          {"PORT", "9000"}};
  const Settings settings = loaded().settings;
  EXPECT_EQ(settings.auth.secret_key.reveal(), "s");
  EXPECT_THAT(settings.allowed_hosts, ElementsAre("a.example", ".b.example"));
  EXPECT_TRUE(settings.allowed_hosts_given);
  EXPECT_THAT(settings.cors_allowed_origins, ElementsAre("https://a.example"));
  EXPECT_TRUE(settings.debug);
  EXPECT_THAT(settings.bind, ElementsAre("0.0.0.0:9000"));
  EXPECT_EQ(settings.database, "");  // DATABASE_URL is Django's, never the store
}

TEST_F(LoadTest, PortAndRedisUrlGiveWayToTheSettingsThemselves) {
  options_.environment = {{"CARILLON_BIND", "127.0.0.1:1"},
                          {"PORT", "9000"},
                          {"CARILLON_LAYER", "memory"},
                          {"REDIS_URL", "redis://r"}};
  EXPECT_THAT(loaded().settings.bind, ElementsAre("127.0.0.1:1"));
  EXPECT_EQ(loaded().settings.layer.url.reveal(), "memory");
  options_.environment = {{"PORT", "9000"}, {"REDIS_URL", "redis://r"}};
  EXPECT_EQ(loaded().settings.layer.url.reveal(), "redis://r");
  options_.flags = {{"bind", "127.0.0.1:2"}, {"bind", "[::1]:2"}};
  EXPECT_THAT(loaded().settings.bind, ElementsAre("127.0.0.1:2", "[::1]:2"));
}

TEST_F(LoadTest, CountsAnEmptyVariableAsNone) {
  options_.environment = {{"SECRET_KEY", ""}, {"PORT", ""}, {"ALLOWED_HOSTS", ""}};
  const Loaded result = loaded();
  EXPECT_THAT(result.settings.bind, ElementsAre("127.0.0.1:8000"));
  EXPECT_FALSE(result.settings.allowed_hosts_given);
}

TEST_F(LoadTest, SaysEveryErrorAtOnceWithItsPlace) {
  write_toml("wrokers = 1\n[limits]\nping_interval = \"soon\"\n\nmessage_rate_per_s = -1\n");
  write_env("CARILLON_COMPRESSION=perhaps\noops\n");
  options_.environment = {{"PORT", "http"}};
  options_.flags = {{"log.level", "loud"}};
  EXPECT_THAT(
      problems(),
      ElementsAre("carillon.toml:1: wrokers: unknown setting; did you mean workers?",
                  "carillon.toml:3: limits.ping_interval: 'soon' is no duration; give one such "
                  "as 25s, 500ms, 5m or 12h",
                  "carillon.toml:5: limits.message_rate_per_s: '-1' is not a whole number",
                  ".env:2: is not NAME=value; mend it or put # before it",
                  ".env:1: CARILLON_COMPRESSION: 'perhaps' is neither true nor false",
                  HasSubstr("environment: PORT: '0.0.0.0:http' is no address"),
                  "--log-level: 'loud' is none of: debug info warn error"));
}

TEST_F(LoadTest, SaysWhereTheFileBreaksOff) {
  write_toml("workers = 1\nbind = = 2\n");
  EXPECT_THAT(problems(), ElementsAre(testing::StartsWith("carillon.toml:2: ")));
}

TEST_F(LoadTest, RefusesTablesAndDatesAsValues) {
  write_toml("bind = 2026-11-22\n[workers]\nx = 1\n[limits.deep]\ny = 1\n");
  EXPECT_THAT(problems(), ElementsAre("carillon.toml:1: bind: takes no date, time or table",
                                      HasSubstr("carillon.toml:3: workers.x: unknown setting"),
                                      HasSubstr("carillon.toml:4: limits.deep: unknown setting")));
}

TEST_F(LoadTest, WarnsOfAnUnknownVariableOfOurs) {
  options_.environment = {{"CARILLON_WORKER", "2"}, {"HOME", "/root"}, {"CARILLON_BIN", "x"}};
  EXPECT_THAT(loaded().warnings,
              ElementsAre("environment: CARILLON_WORKER: unknown variable, ignored; did you mean "
                          "CARILLON_WORKERS?"));
}

TEST_F(LoadTest, IsNotStoppedByTheDebugOfOthers) {
  options_.environment = {{"DEBUG", "express:*"}};
  const Loaded result = loaded();
  EXPECT_FALSE(result.settings.debug);
  EXPECT_EQ(result.warnings.size(), 1U);
}

TEST_F(LoadTest, TakesTheBaseFileLast) {
  options_.base_env_file = directory_ + "/base";
  std::ofstream(options_.base_env_file) << "CARILLON_WORKERS=9\nSECRET_KEY=base\n";
  write_toml("workers = 1\n");
  const Loaded result = loaded();
  EXPECT_EQ(result.settings.workers, 1U);
  EXPECT_EQ(source_of(result, "auth.secret_key"), directory_ + "/base:2");
}

TEST_F(LoadTest, MissesAFileOnlyIfItWasAskedFor) {
  EXPECT_TRUE(problems().empty());
  options_.is_toml_file_required = true;
  options_.is_env_file_required = true;
  EXPECT_THAT(problems(), ElementsAre("carillon.toml: no such file; give the path of one",
                                      ".env: no such file; give the path of one"));
}

TEST_F(LoadTest, RefusesAFileThatCannotBeRead) {
  std::filesystem::create_directory(options_.toml_file);
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("carillon.toml: Is a directory")));
}

TEST_F(LoadTest, RefusesLimitsThatContradictEachOther) {
  write_toml("[limits]\nhead_bytes_max = '1KiB'\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("limits.head_bytes_max is below")));
}

TEST_F(LoadTest, MasksSecretsInOriginsAndErrors) {
  options_.environment = {{"SECRET_KEY", "hunter2"},
                          {"CARILLON_API_KEYS", "key-one,key-two"},
                          {"REDIS_URL", "redis://:hunter2@r/0"}};
  const Loaded result = loaded();
  for (const Origin& origin : result.origins) {
    EXPECT_EQ(origin.value.find("hunter2"), std::string::npos) << origin.key;
    EXPECT_EQ(origin.value.find("key-one"), std::string::npos) << origin.key;
  }
  ASSERT_EQ(result.settings.api_keys.size(), 2U);
  EXPECT_EQ(result.settings.api_keys[1].reveal(), "key-two");
}

TEST_F(LoadTest, AddsAndChangesEndpoints) {
  write_toml(R"(
[[endpoints]]
name = "course"
path = "/ws/course/{id}/"
allow = ["authenticated"]
groups = ["course_{id}", "user.{user_id}"]
greeting = "Welcome"

[[endpoints]]
name = "dashboard"
relay = "listed"
)");
  const Loaded result = loaded();
  ASSERT_EQ(result.settings.endpoints.size(), 6U);
  const EndpointSettings& dashboard = result.settings.endpoints[0];
  EXPECT_EQ(dashboard.relay, "listed");
  EXPECT_EQ(dashboard.path, "/ws/dashboard/");
  const EndpointSettings& course = result.settings.endpoints[5];
  EXPECT_THAT(course.groups, ElementsAre("course_{id}", "user.{user_id}"));
  EXPECT_THAT(course.client_messages, ElementsAre("ping"));
  EXPECT_EQ(source_of(result, "endpoints.course"), options_.toml_file + ":2");
  EXPECT_EQ(source_of(result, "endpoints.dashboard"), options_.toml_file + ":9");
  EXPECT_EQ(source_of(result, "endpoints.student"), "default");
}

TEST_F(LoadTest, SaysWhatIsWrongWithAnEndpoint) {
  write_toml(R"([[endpoints]]
name = "a"
path = "/ws/a/{id}/"
allow = ["mentor:user", "everyone"]
groups = ["a_{x}", "a b", "carillon.a", "a_{id"]
[[endpoints]]
name = "b"
grups = ["b"]
path = "/ws/a/{key}"
[[endpoints]]
path = "/ws/c/"
[[endpoints]]
name = "d"
path = "/ws/dashboard"
allow = ["staff"]
relay = "listed"
)");
  EXPECT_THAT(
      problems(),
      ElementsAre(HasSubstr("carillon.toml:1: [[endpoints]] allow: 'mentor:user': the path "
                            "/ws/a/{id}/ has no {user}"),
                  HasSubstr("carillon.toml:1: [[endpoints]] allow: 'everyone' is no rule"),
                  HasSubstr("groups: 'a_{x}': {x} is neither {user_id} nor a parameter"),
                  HasSubstr("groups: 'a b': use letters"),
                  HasSubstr("groups: 'carillon.a': a name has"),
                  HasSubstr("groups: 'a_{id': {id} is neither"),
                  "carillon.toml:8: [[endpoints]] grups: unknown key; did you mean groups?",
                  HasSubstr("carillon.toml:10: [[endpoints]] name: is missing"),
                  HasSubstr("carillon.toml:12: [[endpoints]] relay: listed delivers nothing"),
                  "carillon.toml: [[endpoints]] dashboard and d both answer /ws/dashboard; give "
                  "one of them "
                  "another path",
                  HasSubstr("carillon.toml: [[endpoints]] a and b both answer")));
}

TEST(ValidateForServing, AsksNothingOnLoopback) {
  EXPECT_TRUE(validate_for_serving(Settings()).empty());
}

std::vector<std::string> codes(const Settings& settings) {
  std::vector<std::string> codes;
  for (const Error& error : validate_for_serving(settings)) codes.push_back(error.code);
  return codes;
}

TEST(ValidateForServing, WantsASecretAndHostsBeyondLoopback) {
  Settings settings;
  settings.bind = {"127.0.0.1:8000", "0.0.0.0:8000"};
  EXPECT_THAT(codes(settings), ElementsAre("secret_missing", "allowed_hosts_missing"));
  settings.auth.secret_key = Secret("too short");
  settings.allowed_hosts = {"example.com"};
  settings.allowed_hosts_given = true;
  EXPECT_THAT(codes(settings), ElementsAre("secret_weak"));
  settings.auth.secret_key = Secret("bRv0Zt9m2K4q8W1x7Y5n3P6s0D2f4G8h");
  EXPECT_THAT(codes(settings), ElementsAre());
  settings.bind = {"unix:/run/carillon.sock"};
  settings.auth.secret_key = Secret();
  EXPECT_THAT(codes(settings), ElementsAre("secret_missing"));
  settings.auth.algorithms = {"RS256"};
  EXPECT_THAT(codes(settings), ElementsAre("public_key_missing"));
  settings.auth.public_key_file = "key.pem";
  EXPECT_THAT(codes(settings), ElementsAre());
}

TEST(ValidateForServing, NamesWhatThisVersionDoesNotHave) {
  Settings settings;
  settings.layer.url = Secret("redis://r");
  EXPECT_THAT(codes(settings), ElementsAre());
  settings.database = "sqlite:///x.db";
  EXPECT_THAT(codes(settings), ElementsAre("database_unsupported"));
}

TEST(SettingsMarkdown, HasARowForEachSetting) {
  const std::string text = settings_markdown();
  for (const SettingSpec& spec : schema()) {
    EXPECT_NE(text.find("| `" + std::string(spec.key) + "` | `" + flag_name(spec) + "` | `"),
              std::string::npos)
        << spec.key;
  }
  EXPECT_NE(text.find("| `limits.ping_interval` | `--limits-ping-interval` | "
                      "`CARILLON_LIMITS_PING_INTERVAL` | `25s` |"),
            std::string::npos);
}

TEST(Schema, NamesAreUnique) {
  std::vector<std::string> names;
  for (const SettingSpec& spec : schema()) {
    names.push_back(environment_name(spec));
    names.push_back(flag_name(spec));
    EXPECT_EQ(find_setting(spec.key), &spec);
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  EXPECT_EQ(find_setting("nothing"), nullptr);
}

}  // namespace
}  // namespace carillon::config
