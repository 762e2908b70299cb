#include "carillon/redis/blocking.h"

#include <gtest/gtest.h>

#include "carillon/redis/server_test.h"

namespace carillon::redis {
namespace {

using Commands = std::vector<std::vector<std::string>>;

TEST(RunCommands, AnswersInTheirOrder) {
  const RedisServer server;
  const auto results = run_commands(
      server.location(), Commands{{"SET", "key", "text"}, {"NONSENSE"}, {"GET", "key"}}, 60'000);
  ASSERT_TRUE(results) << results.error().what;
  ASSERT_EQ(results->size(), 3u);
  EXPECT_TRUE((*results)[0]->is_status("OK"));
  ASSERT_FALSE((*results)[1]);
  EXPECT_EQ((*results)[1].error().kind, CommandError::Kind::kRefused);
  EXPECT_EQ((*results)[2]->text, "text");
}

TEST(RunCommands, ConnectsEvenForNone) {
  const RedisServer server({"--requirepass", "secret"});
  const auto results = run_commands(server.location(), {}, 60'000);
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code, "redis");
  const auto right = run_commands(*Location::parse(server.url(":secret@")), {}, 60'000);
  ASSERT_TRUE(right) << right.error().what;
  EXPECT_TRUE(right->empty());
}

TEST(RunCommands, GivesUpAtTheFirstTroubleAndSaysWhatToDo) {
  Location location;
  location.server = {"127.0.0.1", net::free_port()};
  location.credentials.password = Secret("hunter2");
  const auto results = run_commands(location, Commands{{"PING"}}, 60'000);
  ASSERT_FALSE(results);
  const std::string where = location.server.to_string();
  EXPECT_EQ(results.error().what,
            "redis://:***@" + where + "/0: cannot connect to " + where +
                ": Connection refused; start Redis, or correct its address (REDIS_URL)");
}

TEST(RunCommands, GivesUpInTime) {
  RedisServer server;
  server.pause();
  const auto results = run_commands(server.location(), Commands{{"PING"}}, 100);
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().code, "redis_timeout");
  EXPECT_NE(results.error().what.find("paused"), std::string::npos) << results.error().what;
}

TEST(RunCommands, TellsOfAnEndBetweenTheAnswers) {
  const RedisServer server;
  const auto results = run_commands(
      server.location(), Commands{{"SET", "key", "x"}, {"QUIT"}, {"GET", "key"}}, 60'000);
  ASSERT_TRUE(results) << results.error().what;
  EXPECT_TRUE((*results)[0]);
  EXPECT_TRUE((*results)[1]);
  ASSERT_FALSE((*results)[2]);
  EXPECT_EQ((*results)[2].error().kind, CommandError::Kind::kLost);
}

}  // namespace
}  // namespace carillon::redis
