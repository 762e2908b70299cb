#include "cmd/redis_check.h"

#include <gtest/gtest.h>

namespace carillon::cmd {
namespace {

constexpr std::string_view kGood =
    "# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_human:0B\r\n"
    "maxmemory_policy:allkeys-lru\r\nrdb_last_bgsave_status:ok\r\naof_last_write_status:ok\r\n"
    "cluster_enabled:0\r\n";

// kGood with another value of one field.
std::string with(std::string_view name, std::string_view value) {
  std::string info(kGood);
  const size_t begin = info.find("\r\n" + std::string(name) + ':') + 2 + name.size() + 1;
  return info.replace(begin, info.find("\r\n", begin) - begin, value);
}

std::vector<Finding> of_core(std::string_view info) {
  return info_findings(info, "core", "redis");
}

TEST(InfoFindings, AreNoneForAGoodRedisNorForOneThatSaysNothing) {
  EXPECT_TRUE(of_core(kGood).empty());
  EXPECT_TRUE(of_core("").empty());
}

TEST(InfoFindings, RefuseVersionsBefore5) {
  EXPECT_TRUE(of_core(with("redis_version", "5.0.0")).empty());
  EXPECT_TRUE(of_core(with("redis_version", "10.1.0")).empty());
  EXPECT_TRUE(of_core(with("redis_version", "unstable")).empty());
  const auto findings = of_core(with("redis_version", "4.0.14"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kBad);
  EXPECT_EQ(findings[0].what, "Redis 4.0.14 is too old");
}

TEST(InfoFindings, RefuseAReplicaAndACluster) {
  EXPECT_TRUE(has_bad(of_core(with("role", "slave"))));
  EXPECT_TRUE(has_bad(of_core(with("cluster_enabled", "1"))));
}

TEST(InfoFindings, WarnOfEvictionOnlyWhereThereIsALimit) {
  std::string limited = with("maxmemory", "1000");
  ASSERT_EQ(of_core(limited).size(), 1U);
  EXPECT_EQ(of_core(limited)[0].verdict, Verdict::kWarning);
  EXPECT_TRUE(info_findings(limited, "pubsub", "redis").empty());
  limited.replace(limited.find("allkeys-lru"), 11, "noeviction");
  EXPECT_TRUE(of_core(limited).empty());
}

TEST(InfoFindings, WarnOfSavingThatFails) {
  for (const std::string_view name : {"rdb_last_bgsave_status", "aof_last_write_status"}) {
    const auto findings = of_core(with(name, "err"));
    ASSERT_EQ(findings.size(), 1U) << name;
    EXPECT_EQ(findings[0].verdict, Verdict::kWarning);
  }
}

TEST(ClockFinding, ComesBeyondFiveSecondsEitherWay) {
  for (const int64_t ahead_ms : {0, 5'000, -5'000}) EXPECT_FALSE(clock_finding(ahead_ms, "redis"));
  EXPECT_EQ(clock_finding(5'001, "redis")->what, "its machine's clock is 5 s ahead of this one's");
  EXPECT_EQ(clock_finding(-7'000, "redis")->what, "its machine's clock is 7 s behind this one's");
}

TEST(TroubleFinding, TakesTheTroubleApart) {
  const Finding whole = trouble_finding("redis://h:1/0", "redis://h:1/0: refused; start it; now");
  EXPECT_EQ(whole.what, "refused");
  EXPECT_EQ(whole.remedy, "start it; now");
  const Finding bare = trouble_finding("redis://h:1/0", "ERR unknown");
  EXPECT_EQ(bare.what, "ERR unknown");
  EXPECT_EQ(bare.remedy, "");
}

}  // namespace
}  // namespace carillon::cmd
