#include "carillon/redis/sentinel.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carillon/net/running_loop_test.h"
#include "carillon/redis/client.h"
#include "carillon/redis/server_test.h"
#include "carillon/redis/subscriber.h"

namespace carillon::redis {
namespace {

// A master, a replica that follows it, and a Sentinel that knows both.
class SentinelTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(loop_.run_until([&] {
      return master_.run({"INFO", "replication"}).text.find("state=online") != std::string::npos;
    }));
    sentinel_ = std::make_unique<SentinelServer>(master_);
    sentinel_->wait_for("+slave ");
  }
  Location location() const {
    Location location;
    location.sentinel = SentinelGroup{{sentinel_->address()}, SentinelServer::kMasterName, {}};
    return location;
  }
  static ClientOptions hasty() {
    return {.command_timeout_ms = 2'000,
            .retry_ms_min = 5,
            .retry_ms_max = 50,
            .sentinel_interval_ms = 500,
            .write_probe_key = "probe"};
  }
  std::unique_ptr<Client> connect(const Location& location) {
    auto client = std::make_unique<Client>(loop_.loop(), resolver_, location, hasty());
    client->start();
    return client;
  }
  bool is_ready(const Client& client) {
    return loop_.run_until([&] { return client.is_ready(); });
  }
  // The port of the server that answers.
  uint16_t port_of(Client& client) {
    std::optional<uint16_t> port;
    client.command({"CONFIG", "GET", "port"}, [&](const CommandResult& result) {
      port = result ? static_cast<uint16_t>(std::stoi(result->elements.at(1).text)) : uint16_t{0};
    });
    EXPECT_TRUE(loop_.run_until([&] { return port.has_value(); }));
    return *port;
  }

  net::RunningLoop loop_;
  net::Resolver resolver_;
  RedisServer master_;
  RedisServer replica_{{"--replicaof", "127.0.0.1 " + std::to_string(master_.port())}};
  std::unique_ptr<SentinelServer> sentinel_;
};

TEST_F(SentinelTest, LeadsToTheMasterAndToTheNextAfterAKill) {
  const auto client = connect(location());
  ASSERT_TRUE(is_ready(*client)) << client->trouble();
  EXPECT_EQ(port_of(*client), master_.port());
  SubscriberEvents events;
  std::vector<std::string> payloads;
  bool is_resubscribed = false;
  events.on_message = [&](const PublishedMessage& message) {
    payloads.emplace_back(message.payload);
  };
  events.on_resubscribed = [&] { is_resubscribed = true; };
  Subscriber subscriber(loop_.loop(), resolver_, location(), std::move(events),
                        {.retry_ms_min = 5, .retry_ms_max = 50, .sentinel_interval_ms = 500});
  EXPECT_TRUE(subscriber.subscribe("one"));
  subscriber.start();
  ASSERT_TRUE(loop_.run_until([&] { return subscriber.is_ready(); })) << subscriber.trouble();

  master_.kill();
  ASSERT_TRUE(loop_.run_until([&] { return !client->is_ready(); }));
  ASSERT_TRUE(is_ready(*client)) << client->trouble();
  EXPECT_EQ(port_of(*client), replica_.port());
  ASSERT_TRUE(loop_.run_until([&] { return is_resubscribed; })) << subscriber.trouble();
  client->command({"PUBLISH", "one", "a"}, [](const CommandResult&) {});
  EXPECT_TRUE(loop_.run_until([&] { return payloads.size() == 1; }));
}

TEST_F(SentinelTest, LeavesAMasterThatIsPausedWhenAnotherTakesOver) {
  const auto client = connect(location());
  ASSERT_TRUE(is_ready(*client)) << client->trouble();
  master_.pause();
  ASSERT_TRUE(loop_.run_until([&] { return client->is_ready() && client->reconnect_count() > 0; }))
      << client->trouble();
  EXPECT_EQ(port_of(*client), replica_.port());
  master_.resume();  // the Sentinel makes it a replica, which concerns nobody
  EXPECT_EQ(port_of(*client), replica_.port());
}

TEST_F(SentinelTest, FollowsAFailoverThatWasAskedFor) {
  const auto client = connect(location());
  ASSERT_TRUE(is_ready(*client)) << client->trouble();
  Location to_sentinel;
  to_sentinel.server = sentinel_->address();
  const std::vector<std::vector<std::string>> failover = {
      {"SENTINEL", "FAILOVER", SentinelServer::kMasterName}};
  // It refuses until it has had a look at the replica.
  ASSERT_TRUE(loop_.run_until([&] {
    const auto results = run_commands(to_sentinel, failover, 60'000);
    return results && (*results)[0].has_value();
  }));
  ASSERT_TRUE(loop_.run_until([&] { return client->is_ready() && client->reconnect_count() > 0; }))
      << client->trouble();
  ASSERT_TRUE(loop_.run_until([&] { return client->is_ready(); }));
  EXPECT_EQ(port_of(*client), replica_.port());
}

TEST_F(SentinelTest, AsksTheNextWhenOneIsNotThere) {
  Location three = location();
  three.sentinel->sentinels = {
      {"127.0.0.1", net::free_port()}, {"no such host.invalid", 26379}, sentinel_->address()};
  const auto client = connect(three);
  ASSERT_TRUE(is_ready(*client)) << client->trouble();
  EXPECT_EQ(port_of(*client), master_.port());
}

TEST_F(SentinelTest, KeepsItsMasterWhenTheSentinelsAreGone) {
  const auto client = connect(location());
  ASSERT_TRUE(is_ready(*client)) << client->trouble();
  sentinel_->kill();
  // As soon as another Sentinel group's client says so, this one's has had time to see it too.
  const auto other = connect(location());
  ASSERT_TRUE(loop_.run_until([&] { return other->cause() == Cause::kNoSentinel; }))
      << other->trouble();
  EXPECT_TRUE(client->is_ready());
  EXPECT_EQ(port_of(*client), master_.port());
}

TEST_F(SentinelTest, SaysThatNobodyKnowsTheMaster) {
  Location unknown = location();
  unknown.sentinel->master_name = "nobody";
  const auto client = connect(unknown);
  ASSERT_TRUE(loop_.run_until([&] { return client->cause() == Cause::kNoMaster; }));
  EXPECT_NE(client->trouble().find("knows no master 'nobody'"), std::string::npos);
}

TEST_F(SentinelTest, RefusesAServerThatIsNoMasterByItsOwnWord) {
  // A Sentinel that believes a replica to be the master finds out at once; ours never tells it.
  SentinelServer mistaken(
      master_, "sentinel monitor other 127.0.0.1 " + std::to_string(replica_.port()) + " 3\n");
  Location location;
  location.sentinel = SentinelGroup{{mistaken.address()}, "other", {}};
  const auto client = connect(location);
  ASSERT_TRUE(loop_.run_until([&] { return client->cause() == Cause::kNoMaster; }))
      << client->trouble();
  EXPECT_NE(client->trouble().find("is not a master (its role is slave)"), std::string::npos);
}

TEST_F(SentinelTest, GivesSentinelsTheirOwnPassword) {
  SentinelServer guarded(master_, "requirepass guard\n");
  Location location;
  location.sentinel =
      SentinelGroup{{guarded.address()}, SentinelServer::kMasterName, {"", Secret("guard")}};
  const auto client = connect(location);
  EXPECT_TRUE(is_ready(*client)) << client->trouble();
  location.sentinel->credentials = {};
  const auto without = connect(location);
  EXPECT_TRUE(loop_.run_until([&] { return without->cause() == Cause::kPasswordWanted; }))
      << without->trouble();
}

}  // namespace
}  // namespace carillon::redis
