#include "carillon/redis/trouble.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace carillon::redis {
namespace {

TEST(Trouble, KnowsTheCausesOfErrorReplies) {
  const std::vector<std::pair<std::string_view, Cause>> cases = {
      {"NOAUTH Authentication required.", Cause::kPasswordWanted},
      {"WRONGPASS invalid username-password pair or user is disabled.", Cause::kPasswordWrong},
      {"ERR invalid password", Cause::kPasswordWrong},
      {"ERR Client sent AUTH, but no password is set", Cause::kPasswordWrong},
      {"ERR AUTH <password> called without any password configured for the default user. Are you "
       "sure your configuration is correct?",
       Cause::kPasswordWrong},
      {"NOPERM this user has no permissions to run the 'zadd' command", Cause::kNoPermission},
      {"DENIED Redis is running in protected mode because", Cause::kProtected},
      {"ERR max number of clients reached", Cause::kTooManyClients},
      {"LOADING Redis is loading the dataset in memory", Cause::kLoading},
      {"MASTERDOWN Link with MASTER is down", Cause::kMasterDown},
      {"READONLY You can't write against a read only replica.", Cause::kReadOnly},
      {"OOM command not allowed when used memory > 'maxmemory'.", Cause::kOutOfMemory},
      {"ERR Error running script (call to f_0): @user_script:1: @user_script: 1: -OOM command not "
       "allowed when used memory > 'maxmemory'.",
       Cause::kOutOfMemory},
      {"ERR Error running script: @user_script: 1: -READONLY You can't write", Cause::kReadOnly},
      {"ERR Error running script: @user_script: 1: -MISCONF Redis is", Cause::kDiskFailing},
      {"ERR Error running script: @user_script: 1: -NOPERM this user", Cause::kNoPermission},
      {"NOREPLICAS Not enough good replicas to write.", Cause::kTooFewReplicas},
      {"MISCONF Redis is configured to save RDB snapshots", Cause::kDiskFailing},
      {"BUSY Redis is busy running a script.", Cause::kBusy},
      {"MOVED 3999 127.0.0.1:6381", Cause::kCluster},
      {"ASK 3999 127.0.0.1:6381", Cause::kCluster},
      {"CLUSTERDOWN The cluster is down", Cause::kCluster},
      {"CROSSSLOT Keys in request don't hash to the same slot", Cause::kCluster},
      {"ERR DB index is out of range", Cause::kBadDatabase},
      {"ERR unknown command", Cause::kOther},
      {"WRONGTYPE Operation against a key", Cause::kOther},
      {"OOMPH", Cause::kOther},
      {"", Cause::kOther},
  };
  for (const auto& [text, cause] : cases) EXPECT_EQ(cause_of(text), cause) << text;
}

TEST(Trouble, HasARemedyForEveryCauseThatNeedsOne) {
  for (int number = 0; number <= static_cast<int>(Cause::kOther); ++number) {
    const auto cause = static_cast<Cause>(number);
    const bool is_told = cause == Cause::kNotConnected || cause == Cause::kOther;
    EXPECT_EQ(remedy_for(cause).empty(), is_told) << number;
  }
}

TEST(Trouble, EndsAConnectionThatIsOfNoUse) {
  for (const Cause cause : {Cause::kPasswordWanted, Cause::kProtected, Cause::kTooManyClients,
                            Cause::kLoading, Cause::kMasterDown, Cause::kReadOnly}) {
    EXPECT_TRUE(ends_connection(cause)) << static_cast<int>(cause);
  }
  for (const Cause cause : {Cause::kOutOfMemory, Cause::kDiskFailing, Cause::kNoPermission,
                            Cause::kBusy, Cause::kCluster, Cause::kOther}) {
    EXPECT_FALSE(ends_connection(cause)) << static_cast<int>(cause);
  }
}

TEST(Trouble, IsOneLineWithItsRemedy) {
  EXPECT_EQ((Trouble{Cause::kLoading, "LOADING data"}).to_string(),
            "LOADING data; wait until Redis has loaded its data");
  EXPECT_EQ((Trouble{Cause::kOther, "ERR no"}).to_string(), "ERR no");
  const Trouble hostile = trouble_of("OOM a\r\nb\x7f" + std::string(1'000, 'x'));
  EXPECT_EQ(hostile.cause, Cause::kOutOfMemory);
  EXPECT_EQ(hostile.what.substr(0, 9), "OOM a  b ");
  EXPECT_EQ(hostile.what.size(), 300u);
}

}  // namespace
}  // namespace carillon::redis
