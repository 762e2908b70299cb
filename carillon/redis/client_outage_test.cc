#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "carillon/net/listener.h"
#include "carillon/net/running_loop_test.h"
#include "carillon/redis/client.h"
#include "carillon/redis/server_test.h"

namespace carillon::redis {
namespace {

using Kind = CommandError::Kind;

class ClientOutageTest : public testing::Test {
 protected:
  static ClientOptions hasty() {
    return {.retry_ms_min = 5, .retry_ms_max = 50, .write_probe_key = "probe"};
  }
  std::unique_ptr<Client> ready(const Location& location, ClientOptions options = hasty()) {
    auto client = std::make_unique<Client>(loop_.loop(), resolver_, location, std::move(options));
    client->start();
    EXPECT_TRUE(loop_.run_until([&] { return client->is_ready(); })) << client->trouble();
    return client;
  }
  CommandResult run(Client& client, std::vector<std::string_view> args) {
    std::optional<CommandResult> result;
    client.command(args, [&](CommandResult answer) { result = std::move(answer); });
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return std::move(*result);
  }

  net::RunningLoop loop_;
  net::Resolver resolver_;
};

TEST_F(ClientOutageTest, ComesBackAfterAKill) {
  RedisServer server;
  const auto client = ready(server.location());
  server.pause();  // so that the command is sent, and its answer not
  std::optional<CommandResult> lost;
  client->command({"INCR", "n"}, [&](CommandResult result) { lost = std::move(result); });
  client->flush();
  server.kill();
  ASSERT_TRUE(loop_.run_until([&] { return lost.has_value(); }));
  ASSERT_FALSE(*lost);
  EXPECT_EQ(lost->error().kind, Kind::kLost);
  EXPECT_FALSE(client->is_ready());
  ASSERT_TRUE(loop_.run_until([&] { return client->cause() == Cause::kUnreachable; }));
  server.start();
  ASSERT_TRUE(loop_.run_until([&] { return client->is_ready(); }));
  EXPECT_EQ(client->reconnect_count(), 1u);
  const CommandResult result = run(*client, {"INCR", "n"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->integer, 1);
}

TEST_F(ClientOutageTest, TellsWhatWasNeverSentFromWhatMayHaveBeen) {
  RedisServer server;
  const auto client = ready(server.location());
  server.pause();
  std::vector<Kind> kinds;
  const std::string large(1024 * 1024, 'x');
  constexpr size_t kCount = 32;  // more than the kernel takes
  for (size_t i = 0; i < kCount; ++i) {
    client->command({"SET", "key", large},
                    [&](const CommandResult& result) { kinds.push_back(result.error().kind); });
  }
  client->flush();
  server.kill();
  ASSERT_TRUE(loop_.run_until([&] { return kinds.size() == kCount; }));
  EXPECT_EQ(kinds.front(), Kind::kLost);
  EXPECT_EQ(kinds.back(), Kind::kUnavailable);
  EXPECT_TRUE(std::is_sorted(kinds.begin(), kinds.end(), std::greater<>()));
}

TEST_F(ClientOutageTest, NoticesAServerThatIsPaused) {
  RedisServer server;
  ClientOptions options = hasty();
  options.command_timeout_ms = 300;
  options.health_interval_ms = 50;
  const auto client = ready(server.location(), options);
  server.pause();
  ASSERT_TRUE(loop_.run_until([&] { return !client->is_ready(); })) << "with nothing pending";
  EXPECT_EQ(client->cause(), Cause::kTimeout);
  server.resume();
  ASSERT_TRUE(loop_.run_until([&] { return client->is_ready(); }));
}

TEST_F(ClientOutageTest, FailsWhatAPausedServerDoesNotAnswer) {
  RedisServer server;
  ClientOptions options = hasty();
  options.command_timeout_ms = 300;
  const auto client = ready(server.location(), options);
  server.pause();
  const CommandResult lost = run(*client, {"PING"});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, Kind::kLost);
  EXPECT_NE(lost.error().text.find("has not answered for 300 ms"), std::string::npos);
  server.resume();
  ASSERT_TRUE(loop_.run_until([&] { return client->is_ready(); }));
}

TEST_F(ClientOutageTest, WaitsForCommandsThatBlock) {
  const RedisServer server;
  ClientOptions options = hasty();
  options.command_timeout_ms = 300;
  options.health_interval_ms = 20;
  const auto client = ready(server.location(), options);
  std::optional<CommandResult> result;
  client->command(
      {"BZPOPMIN", "key", "1"}, [&](CommandResult answer) { result = std::move(answer); }, 60'000);
  ASSERT_TRUE(loop_.run_until([&] { return result.has_value(); }));
  ASSERT_TRUE(*result);
  EXPECT_TRUE((*result)->is_null());
  EXPECT_EQ(client->reconnect_count(), 0u);
}

TEST_F(ClientOutageTest, IsNotReadyWhileWritesAreRefused) {
  const RedisServer server;
  const auto client = ready(server.location());
  server.run({"CONFIG", "SET", "maxmemory", "1"});
  const CommandResult refused = run(*client, {"SET", "key", "x"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kRefused);
  EXPECT_TRUE(refused.error().text.starts_with("OOM command not allowed"));
  EXPECT_FALSE(client->is_ready());
  EXPECT_EQ(client->cause(), Cause::kOutOfMemory);
  EXPECT_NE(client->trouble().find("raise maxmemory"), std::string::npos);
  EXPECT_TRUE(client->is_connected());
  EXPECT_TRUE(run(*client, {"GET", "key"})) << "reading goes on";
  server.run({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(loop_.run_until([&] { return client->is_ready(); })) << client->trouble();
  EXPECT_EQ(client->reconnect_count(), 0u);
}

TEST_F(ClientOutageTest, FindsOutThatWritesAreRefusedWhenItConnects) {
  const RedisServer server({"--maxmemory", "1"});
  Client client(loop_.loop(), resolver_, server.location(), hasty());
  client.start();
  ASSERT_TRUE(loop_.run_until([&] { return client.cause() == Cause::kOutOfMemory; }));
  EXPECT_FALSE(client.is_ready());
  EXPECT_TRUE(client.is_connected());
  Client reader(loop_.loop(), resolver_, server.location(), {});
  reader.start();
  EXPECT_TRUE(loop_.run_until([&] { return reader.is_ready(); })) << "which does not write";
}

TEST_F(ClientOutageTest, SeesOutOfMemoryInAScript) {
  const RedisServer server;
  const auto client = ready(server.location());
  server.run({"CONFIG", "SET", "maxmemory", "1"});
  const CommandResult refused =
      run(*client, {"EVAL", "return redis.call('SET', KEYS[1], 'x')", "1", "key"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(cause_of(refused.error().text), Cause::kOutOfMemory) << refused.error().text;
  EXPECT_FALSE(client->is_ready());
}

TEST_F(ClientOutageTest, IsNotReadyWhileReplicasAreMissing) {
  const RedisServer server;
  const auto client = ready(server.location());
  server.run({"CONFIG", "SET", "min-replicas-to-write", "1"});
  const CommandResult refused =
      run(*client, {"EVAL", "return redis.call('SET', KEYS[1], 'x')", "1", "key"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(client->cause(), Cause::kTooFewReplicas) << refused.error().text;
  EXPECT_FALSE(client->is_ready());
  EXPECT_NE(client->trouble().find("min-replicas-to-write"), std::string::npos);
  server.run({"CONFIG", "SET", "min-replicas-to-write", "0"});
  EXPECT_TRUE(loop_.run_until([&] { return client->is_ready(); })) << client->trouble();
}

TEST_F(ClientOutageTest, LeavesAServerThatHasBecomeAReplica) {
  const RedisServer master;
  const RedisServer server;
  const auto client = ready(server.location());
  server.run({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
  const CommandResult refused = run(*client, {"SET", "key", "x"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kRefused);
  ASSERT_TRUE(loop_.run_until([&] { return client->cause() == Cause::kReadOnly; }))
      << client->trouble();
  EXPECT_FALSE(client->is_connected());
  server.run({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(loop_.run_until([&] { return client->is_ready(); })) << client->trouble();
}

TEST_F(ClientOutageTest, SaysThatThereAreTooManyClients) {
  const RedisServer server({"--maxclients", "1"});
  const auto only = ready(server.location());
  Client client(loop_.loop(), resolver_, server.location(), hasty());
  client.start();
  EXPECT_TRUE(loop_.run_until([&] { return client.cause() == Cause::kTooManyClients; }))
      << client.trouble();
}

// Stands in for servers that a test cannot have: sends `answer` to whoever connects.
class Impostor {
 public:
  Impostor(net::EventLoop& loop, std::string answer)
      : answer_(std::move(answer)),
        socket_(*net::listen_on(*net::Address::parse("127.0.0.1:0"), {})),
        port_(net::local_address(socket_)->port()),
        listener_(
            loop,
            std::move(socket_),
            [this](net::Fd peer, const sockaddr_storage&) {
              (void)::send(peer.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
              peers_.push_back(std::move(peer));
            },
            [](bool, int) {}) {}
  Location location() const {
    Location location;
    location.server = {"127.0.0.1", port_};
    return location;
  }
  void close_peers() { peers_.clear(); }
  size_t peer_count() const { return peers_.size(); }

 private:
  const std::string answer_;
  net::Fd socket_;
  const uint16_t port_;
  std::vector<net::Fd> peers_;
  net::Listener listener_;
};

struct Lie {
  std::string answer;
  Cause cause;
};

TEST_F(ClientOutageTest, SaysWhatServersSayInTheGreeting) {
  for (const Lie& lie :
       {Lie{"+OK\r\n-LOADING Redis is loading the dataset in memory\r\n", Cause::kLoading},
        Lie{"-DENIED Redis is running in protected mode\r\n", Cause::kProtected},
        Lie{"+OK\r\n-MASTERDOWN Link with MASTER is down\r\n", Cause::kMasterDown},
        Lie{"HTTP/1.1 400 Bad Request\r\n", Cause::kNotRedis},
        Lie{"\x15\x03\x03", Cause::kNotRedis}, Lie{"$99999999999\r\n", Cause::kNotRedis}}) {
    Impostor impostor(loop_.loop(), lie.answer);
    Client client(loop_.loop(), resolver_, impostor.location(), hasty());
    client.start();
    EXPECT_TRUE(loop_.run_until([&] { return client.cause() == lie.cause; })) << client.trouble();
  }
}

TEST_F(ClientOutageTest, NeverRepeatsAPasswordThatComesBack) {
  Impostor impostor(loop_.loop(), "-ERR unknown command 'AUTH' with args 'hunter2'\r\n");
  Location location = impostor.location();
  location.credentials.password = Secret("hunter2");
  Client client(loop_.loop(), resolver_, location, hasty());
  client.start();
  ASSERT_TRUE(loop_.run_until([&] { return client.cause() == Cause::kPasswordWrong; }));
  EXPECT_EQ(client.trouble().find("hunter2"), std::string::npos) << client.trouble();
}

TEST_F(ClientOutageTest, GivesUpAGreetingWithoutAnAnswer) {
  Impostor impostor(loop_.loop(), "");
  ClientOptions options = hasty();
  options.connect_timeout_ms = 50;
  Client client(loop_.loop(), resolver_, impostor.location(), options);
  client.start();
  EXPECT_TRUE(loop_.run_until([&] { return client.cause() == Cause::kTimeout; }));
  EXPECT_NE(client.trouble().find("does not answer within 50 ms"), std::string::npos);
  EXPECT_TRUE(loop_.run_until([&] { return impostor.peer_count() > 2; })) << "and tries again";
}

TEST_F(ClientOutageTest, LeavesAServerThatAnswersUnasked) {
  Impostor impostor(loop_.loop(), "+OK\r\n+PONG\r\n+OK\r\n");
  Client client(loop_.loop(), resolver_, impostor.location(), {});
  client.start();
  EXPECT_TRUE(loop_.run_until([&] { return client.cause() == Cause::kNotRedis; }));
}

TEST_F(ClientOutageTest, SaysThatTheServerHungUp) {
  Impostor impostor(loop_.loop(), "+OK\r\n+PONG\r\n");
  Client client(loop_.loop(), resolver_, impostor.location(), {});
  client.start();
  ASSERT_TRUE(loop_.run_until([&] { return client.is_ready(); }));
  impostor.close_peers();
  EXPECT_TRUE(loop_.run_until([&] { return client.cause() == Cause::kEnded; }));
}

}  // namespace
}  // namespace carillon::redis
