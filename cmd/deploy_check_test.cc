#include "cmd/deploy_check.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace carillon::cmd {
namespace {

config::Settings good_settings() {
  config::Settings settings;
  settings.auth.secret_key = Secret("bRv0Zt9m2K4q8W1x7Y5n3P6s0D2f4G8h");
  settings.auth.on_expiry = "enforce";
  settings.allowed_hosts = {"example.com"};
  settings.api_keys = {Secret("0123456789abcdef0123456789abcdef")};
  settings.drain.delay_ms = 5'000;
  return settings;
}

Verdict verdict_of(const std::vector<Finding>& findings, std::string_view subject) {
  for (const Finding& finding : findings) {
    if (finding.subject == subject) return finding.verdict;
  }
  ADD_FAILURE() << subject;
  return Verdict::kGood;
}

constexpr uint64_t kManyDescriptors = 1'048'576;

TEST(DeployCheck, HasNothingToSayAgainstGoodSettings) {
  for (const Finding& finding : deploy_findings(good_settings(), kManyDescriptors)) {
    EXPECT_EQ(finding.verdict, Verdict::kGood) << finding.subject << ": " << finding.what;
  }
}

TEST(DeployCheck, FindsWhatOthersCouldUse) {
  config::Settings settings = good_settings();
  settings.auth.secret_key = Secret("changeme-changeme-changeme-changeme");
  settings.allowed_hosts = {"*"};
  settings.api_keys = {Secret("short")};
  settings.debug = true;
  settings.demo = true;
  const auto findings = deploy_findings(settings, kManyDescriptors);
  for (const char* subject :
       {"SECRET_KEY", "ALLOWED_HOSTS", "CARILLON_API_KEYS", "DEBUG", "demo"}) {
    EXPECT_EQ(verdict_of(findings, subject), Verdict::kBad) << subject;
  }
}

TEST(DeployCheck, FindsWhatIsMissing) {
  config::Settings settings = good_settings();
  settings.auth.secret_key = Secret();
  settings.allowed_hosts.clear();
  settings.api_keys.clear();
  const auto findings = deploy_findings(settings, kManyDescriptors);
  EXPECT_EQ(verdict_of(findings, "SECRET_KEY"), Verdict::kBad);
  EXPECT_EQ(verdict_of(findings, "ALLOWED_HOSTS"), Verdict::kBad);
  EXPECT_EQ(verdict_of(findings, "CARILLON_API_KEYS"), Verdict::kWarning);
}

TEST(DeployCheck, WarnsOfBackendsThatAreAskedInTheClear) {
  config::Settings settings = good_settings();
  settings.auth.directory = "http";
  settings.auth.directory_url = "http://backend.example/users/{user_id}/";
  settings.auth.http_url = "http://backend.example/session/";
  auto findings = deploy_findings(settings, kManyDescriptors);
  EXPECT_EQ(verdict_of(findings, "auth.directory_url"), Verdict::kWarning);
  EXPECT_EQ(verdict_of(findings, "auth.http_url"), Verdict::kWarning);
  settings.auth.directory_url = "https://backend.example/users/{user_id}/";
  settings.auth.http_url = "http://127.0.0.1:8001/session/";
  findings = deploy_findings(settings, kManyDescriptors);
  for (const Finding& finding : findings) EXPECT_EQ(finding.verdict, Verdict::kGood);
}

// The warnings about one Redis.
size_t redis_warning_count(const std::string& url) {
  config::Settings settings = good_settings();
  settings.layer.url = Secret(url);
  const auto findings = deploy_findings(settings, kManyDescriptors);
  return static_cast<size_t>(std::ranges::count_if(findings, [](const Finding& finding) {
    EXPECT_EQ(finding.what.find("s3cret"), std::string::npos);
    return finding.verdict == Verdict::kWarning;
  }));
}

TEST(DeployCheck, WarnsOfARedisThatOthersCanReadOrUse) {
  EXPECT_EQ(redis_warning_count("redis://redis.example/0"), 2U);  // in the clear, and open
  EXPECT_EQ(redis_warning_count("redis://:s3cret@redis.example/0"), 1U);
  EXPECT_EQ(redis_warning_count("rediss://redis.example/0"), 1U);
  EXPECT_EQ(redis_warning_count("rediss://app:s3cret@redis.example/0"), 0U);
  for (const char* own : {"memory", "redis://localhost/0", "redis://127.0.0.1:6380/0",
                          "redis://[::1]/0", "unix:///run/redis.sock"}) {
    EXPECT_EQ(redis_warning_count(own), 0U) << own;
  }
}

TEST(DeployCheck, WarnsOfTheRedisThatSentinelsName) {
  config::Settings settings = good_settings();
  settings.layer.url = Secret("redis://localhost/0");
  settings.layer.sentinels = {"127.0.0.1:26379"};
  settings.layer.sentinel_master = "mymaster";
  const auto findings = deploy_findings(settings, kManyDescriptors);
  EXPECT_EQ(verdict_of(findings, "redis+sentinel://127.0.0.1:26379/mymaster/0"), Verdict::kWarning);
}

TEST(DeployCheck, NeedsNoSecretForPublicKeys) {
  config::Settings settings = good_settings();
  settings.auth.secret_key = Secret();
  settings.auth.algorithms = {"RS256"};
  EXPECT_EQ(verdict_of(deploy_findings(settings, kManyDescriptors), "SECRET_KEY"), Verdict::kGood);
}

TEST(DeployCheck, SaysWhichExpiryRuleIsInForce) {
  config::Settings settings = good_settings();
  settings.auth.on_expiry = "keep";
  EXPECT_EQ(verdict_of(deploy_findings(settings, kManyDescriptors), "auth.on_expiry"),
            Verdict::kWarning);
}

TEST(DeployCheck, ComparesDescriptorsWithConnections) {
  config::Settings settings = good_settings();
  EXPECT_EQ(verdict_of(deploy_findings(settings, 65'536), "descriptors"), Verdict::kGood);
  EXPECT_EQ(verdict_of(deploy_findings(settings, 65'535), "descriptors"), Verdict::kWarning);
  settings.limits.connections_max = 1'000;
  EXPECT_EQ(verdict_of(deploy_findings(settings, 1'256), "descriptors"), Verdict::kGood);
  EXPECT_EQ(verdict_of(deploy_findings(settings, 1'255), "descriptors"), Verdict::kBad);
}

}  // namespace
}  // namespace carillon::cmd
