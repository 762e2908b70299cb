#include "carillon/redis/client.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "carillon/net/certificates_test.h"
#include "carillon/net/running_loop_test.h"
#include "carillon/redis/server_test.h"

namespace carillon::redis {
namespace {

using Kind = CommandError::Kind;

class ClientTest : public testing::Test {
 protected:
  std::unique_ptr<Client> connect(const Location& location, ClientOptions options = {}) {
    auto client = std::make_unique<Client>(loop_.loop(), resolver_, location, std::move(options));
    client->set_on_change([this] { ++change_count_; });
    client->start();
    return client;
  }
  std::unique_ptr<Client> ready(const Location& location, ClientOptions options = {}) {
    auto client = connect(location, std::move(options));
    EXPECT_TRUE(loop_.run_until([&] { return client->is_ready(); })) << client->trouble();
    return client;
  }
  // Until the trouble says `text`.
  bool is_told(const Client& client, const std::string& text) {
    return loop_.run_until([&] { return client.trouble().find(text) != std::string::npos; });
  }
  CommandResult run(Client& client, std::vector<std::string_view> args) {
    std::optional<CommandResult> result;
    client.command(args, [&](CommandResult answer) { result = std::move(answer); });
    EXPECT_FALSE(result) << "no callback inside a call";
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return std::move(*result);
  }
  std::string text(Client& client, std::vector<std::string_view> args) {
    const CommandResult result = run(client, std::move(args));
    return result ? result->text : "error: " + result.error().text;
  }

  net::RunningLoop loop_;
  net::Resolver resolver_;
  int change_count_ = 0;
};

TEST_F(ClientTest, AnswersInTheOrderOfTheCommands) {
  const RedisServer server;
  const auto client = ready(server.location());
  EXPECT_EQ(change_count_, 1);
  EXPECT_EQ(client->trouble(), "");
  std::vector<int64_t> numbers;
  for (int i = 0; i < 10'000; ++i) {
    client->command({"INCR", "n"}, [&](const CommandResult& result) {
      ASSERT_TRUE(result);
      numbers.push_back(result->integer);
    });
  }
  EXPECT_EQ(client->pending_count(), 10'000u);
  ASSERT_TRUE(loop_.run_until([&] { return numbers.size() == 10'000; }));
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(numbers[static_cast<size_t>(i)], i + 1);
  EXPECT_EQ(client->pending_count(), 0u);
  EXPECT_EQ(client->reconnect_count(), 0u);
}

TEST_F(ClientTest, CarriesAnyBytesOfAnyLength) {
  const RedisServer server;
  const auto client = ready(server.location());
  for (const size_t size : {0u, 1u, 65'535u, 65'536u, 5'000'000u}) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7);
    EXPECT_EQ(text(*client, {"SET", "key", bytes}), "OK");
    EXPECT_TRUE(text(*client, {"GET", "key"}) == bytes) << size;
  }
}

TEST_F(ClientTest, HandsErrorsOnAsRefused) {
  const RedisServer server;
  const auto client = ready(server.location());
  const CommandResult result = run(*client, {"NO-SUCH\r\nCOMMAND"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::kRefused);
  EXPECT_TRUE(result.error().text.starts_with("ERR unknown command")) << result.error().text;
  EXPECT_EQ(result.error().text.find('\n'), std::string::npos);
  EXPECT_TRUE(client->is_ready());
}

TEST_F(ClientTest, RunsTransactions) {
  const RedisServer server;
  const auto client = ready(server.location());
  client->command({"MULTI"}, [](const CommandResult&) {});
  client->command({"SET", "key", "text"}, [](const CommandResult&) {});
  client->command({"LPUSH", "key", "x"}, [](const CommandResult&) {});
  const CommandResult result = run(*client, {"EXEC"});
  ASSERT_TRUE(result && result->is_array());
  ASSERT_EQ(result->elements.size(), 2u);
  EXPECT_TRUE(result->elements[0].is_status("OK"));
  EXPECT_TRUE(result->elements[1].is_error());
}

TEST_F(ClientTest, SendsATransactionWholeOrNotAtAll) {
  const RedisServer server;
  const auto client = ready(server.location(), {.pending_bytes_max = 1'000});
  const auto run_all = [&](const std::vector<std::vector<std::string_view>>& commands) {
    std::optional<CommandResult> result;
    client->transaction(commands, [&](CommandResult answer) { result = std::move(answer); });
    EXPECT_FALSE(result) << "no callback inside a call";
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }));
    return std::move(*result);
  };
  const CommandResult both = run_all({{"SET", "key", "1"}, {"INCR", "key"}});
  ASSERT_TRUE(both);
  ASSERT_EQ(both->elements.size(), 2U);
  EXPECT_EQ(both->elements[1].integer, 2);

  const std::string large(800, 'x');
  const CommandResult refused = run_all(
      {{"SET", "key", "3"}, {"SET", "other", large}, {"INCR", "key"}, {"SET", "other", large}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kUnavailable);
  EXPECT_EQ(text(*client, {"GET", "key"}), "2") << "nothing was begun";

  const CommandResult one_failed = run_all({{"SET", "text", "x"}, {"INCR", "text"}});
  ASSERT_FALSE(one_failed);
  EXPECT_EQ(one_failed.error().kind, Kind::kRefused);
  const CommandResult discarded = run_all({{"SET", "key", "4"}, {"NOSUCHCOMMAND"}});
  ASSERT_FALSE(discarded);
  EXPECT_EQ(discarded.error().kind, Kind::kRefused);
  EXPECT_EQ(text(*client, {"GET", "key"}), "2");
}

TEST_F(ClientTest, ConnectsThroughASocketAndSelectsADatabase) {
  const RedisServer server;
  const auto location = Location::parse("unix://" + server.unix_path() + "?db=3");
  ASSERT_TRUE(location);
  const auto client = ready(*location);
  EXPECT_EQ(text(*client, {"SET", "key", "in 3"}), "OK");
  EXPECT_EQ(text(*client, {"CLIENT", "GETNAME"}), "carillon");
  Location other = server.location();
  EXPECT_TRUE(server.run({"GET", "key"}).is_null());
  other.database = 3;
  EXPECT_EQ(server.run({"GET", "key"}, other).text, "in 3");
}

TEST_F(ClientTest, SaysThatADatabaseIsNotThere) {
  const RedisServer server;
  Location location = server.location();
  location.database = 16;
  const auto client = connect(location);
  EXPECT_TRUE(is_told(*client, "DB index is out of range; give a database that exists"));
  EXPECT_EQ(client->cause(), Cause::kBadDatabase);
}

TEST_F(ClientTest, AuthenticatesWithAPassword) {
  const RedisServer server({"--requirepass", "correct horse"});
  const auto right = Location::parse(server.url(":correct%20horse@"));
  ASSERT_TRUE(right);
  const auto client = ready(*right);
  EXPECT_EQ(text(*client, {"PING"}), "PONG");

  const auto none = connect(server.location());
  EXPECT_TRUE(is_told(*none, "NOAUTH"));
  EXPECT_EQ(none->cause(), Cause::kPasswordWanted);
  const auto wrong = connect(*Location::parse(server.url(":battery-staple@")));
  EXPECT_TRUE(is_told(*wrong, "WRONGPASS"));
  EXPECT_NE(wrong->trouble().find("correct the user and the password"), std::string::npos);
  EXPECT_EQ(wrong->trouble().find("battery"), std::string::npos);
}

TEST_F(ClientTest, SaysThatAPasswordIsNotWanted) {
  const RedisServer server;
  const auto client = connect(*Location::parse(server.url(":pointless@")));
  EXPECT_TRUE(is_told(*client, "without any password configured"));
  EXPECT_EQ(client->cause(), Cause::kPasswordWrong);
}

TEST_F(ClientTest, AuthenticatesAsAUserWithFewPermissions) {
  const RedisServer server;
  server.run({"ACL", "SETUSER", "gw", "on", ">secret", "~asgi*", "-@all", "+zadd", "+get"});
  const Location location = *Location::parse(server.url("gw:secret@"));
  const auto client = ready(location, {.write_probe_key = "asgi:probe"});
  EXPECT_TRUE(run(*client, {"GET", "asgi:x"}));
  const CommandResult refused = run(*client, {"GET", "other"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::kRefused);
  EXPECT_EQ(cause_of(refused.error().text), Cause::kNoPermission);
  EXPECT_TRUE(client->is_ready()) << "one command's trouble is not the connection's";

  const auto forbidden = connect(location, {.write_probe_key = "other"});
  EXPECT_TRUE(is_told(*forbidden, "NOPERM"));
  EXPECT_TRUE(forbidden->is_connected());
  EXPECT_FALSE(forbidden->is_ready());
}

TEST_F(ClientTest, SpeaksTls) {
  const net::TemporaryDirectory directory;
  const net::Certificates certificates(directory);
  certificates.issue("server", "DNS:localhost");
  certificates.issue("client", "DNS:client");
  const uint16_t port = net::free_port();
  const RedisServer server({"--tls-port", std::to_string(port), "--tls-cert-file",
                            certificates.file("server"), "--tls-key-file",
                            certificates.key_file("server"), "--tls-ca-cert-file",
                            certificates.ca_file(), "--tls-auth-clients", "yes"});
  const std::string url = "rediss://localhost:" + std::to_string(port);
  const std::string trust = "?ssl_ca_certs=" + certificates.ca_file();
  const std::string show = "&ssl_certfile=" + certificates.file("client") +
                           "&ssl_keyfile=" + certificates.key_file("client");
  const auto client = ready(*Location::parse(url + trust + show));
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(text(*client, {"SET", "key", large}), "OK");
  EXPECT_TRUE(text(*client, {"GET", "key"}) == large);

  const auto distrustful = connect(*Location::parse(url));
  EXPECT_TRUE(is_told(*distrustful, "certificate is not accepted"));
  EXPECT_EQ(distrustful->cause(), Cause::kTls);
  const auto unknown = connect(*Location::parse(url + trust));
  EXPECT_TRUE(is_told(*unknown, "certificate required")) << unknown->trouble();
  EXPECT_EQ(unknown->cause(), Cause::kTls);
  const auto no_file = connect(*Location::parse(url + "?ssl_ca_certs=/nowhere/ca.pem"));
  EXPECT_TRUE(is_told(*no_file, "'/nowhere/ca.pem'"));
  Location clear = server.location();
  clear.tls.emplace().verify_peer = false;
  const auto no_tls = connect(clear, {.connect_timeout_ms = 100});
  EXPECT_TRUE(is_told(*no_tls, "does not answer in TLS, which it may not speak"));
}

TEST_F(ClientTest, SaysWhoIsNotThere) {
  Location location;
  location.server = {"127.0.0.1", net::free_port()};
  const auto client = connect(location);
  EXPECT_EQ(client->trouble(), "Redis is not connected yet; try again in a moment");
  EXPECT_TRUE(is_told(*client, "Connection refused; start Redis"));
  EXPECT_EQ(client->cause(), Cause::kUnreachable);
  const CommandResult result = run(*client, {"PING"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::kUnavailable);
  EXPECT_EQ(result.error().text, client->trouble());
  location.server.host = "no such host.invalid";
  const auto nameless = connect(location);
  EXPECT_TRUE(is_told(*nameless, "does not resolve"));
  EXPECT_EQ(nameless->cause(), Cause::kNameUnknown);
}

TEST_F(ClientTest, BoundsTheCommandsThatWait) {
  RedisServer server;
  const auto client = ready(server.location(), {.pending_commands_max = 2});
  server.pause();
  std::vector<std::optional<Kind>> outcomes;
  for (int i = 0; i < 3; ++i) {
    client->command({"PING"}, [&](const CommandResult& result) {
      outcomes.push_back(result ? std::nullopt : std::optional(result.error().kind));
    });
  }
  ASSERT_TRUE(loop_.run_until([&] { return outcomes.size() == 1; }));
  EXPECT_EQ(outcomes[0], Kind::kUnavailable);
  server.resume();
  ASSERT_TRUE(loop_.run_until([&] { return outcomes.size() == 3; }));
  EXPECT_EQ(outcomes[1], std::nullopt);
  EXPECT_EQ(outcomes[2], std::nullopt);
}

TEST_F(ClientTest, BoundsTheBytesThatWait) {
  const RedisServer server;
  // `*2 $3 GET $100 x…` takes 4 + 4 + 5 + 6 + 102 bytes.
  const auto client = ready(server.location(), {.pending_bytes_max = 2 * 121});
  const std::string key(100, 'x');
  int done_count = 0;
  std::vector<CommandError> errors;
  for (int i = 0; i < 3; ++i) {
    client->command({"GET", key}, [&](const CommandResult& result) {
      if (result) ++done_count;
      if (!result) errors.push_back(result.error());
    });
  }
  ASSERT_TRUE(loop_.run_until([&] { return done_count == 2 && errors.size() == 1; }));
  EXPECT_EQ(errors[0].kind, Kind::kUnavailable);
  EXPECT_EQ(errors[0].text, "too many commands wait for Redis");
  EXPECT_TRUE(run(*client, {"GET", key})) << "they have left";
}

TEST_F(ClientTest, FlushesAtOnceWhenTold) {
  const RedisServer server;
  const auto writer = ready(server.location());
  writer->command({"SET", "key", "x"}, [](const CommandResult&) {});
  writer->flush();
  // Nothing of our loop has run since: only the kernel can have it.
  for (int attempt = 0; server.run({"EXISTS", "key"}).integer == 0; ++attempt) {
    ASSERT_LT(attempt, 1'000);
  }
  EXPECT_EQ(writer->pending_count(), 1u);
}

TEST_F(ClientTest, MayBeDestroyedByItsOwnCallbacks) {
  const RedisServer server;
  auto client = ready(server.location());
  bool is_called = false;
  client->command({"PING"}, [&](const CommandResult&) {
    is_called = true;
    client.reset();
  });
  client->command({"PING"}, [](const CommandResult&) { ADD_FAILURE() << "it is forgotten"; });
  ASSERT_TRUE(loop_.run_until([&] { return is_called; }));

  auto failing = std::make_unique<Client>(loop_.loop(), resolver_, Location{});
  is_called = false;
  failing->command({"PING"}, [&](const CommandResult&) {
    is_called = true;
    failing.reset();
  });
  failing->command({"PING"}, [](const CommandResult&) { ADD_FAILURE() << "it is forgotten"; });
  ASSERT_TRUE(loop_.run_until([&] { return is_called; }));

  Location nowhere;
  nowhere.server = {"127.0.0.1", net::free_port()};
  auto changing = std::make_unique<Client>(loop_.loop(), resolver_, nowhere);
  changing->set_on_change([&] { changing.reset(); });
  changing->start();
  ASSERT_TRUE(loop_.run_until([&] { return changing == nullptr; }));
}

TEST_F(ClientTest, MayBeDestroyedBeforeItIsStartedAndWhileItConnects) {
  const Client never(loop_.loop(), resolver_, Location{});
  (void)connect(Location{});
}

TEST_F(ClientTest, StopsWhenAllIsAnswered) {
  const RedisServer server;
  const auto client = ready(server.location());
  bool is_answered = false;
  bool is_stopped = false;
  std::optional<Kind> late;
  client->command({"SET", "key", "x"},
                  [&](const CommandResult& result) { is_answered = result.has_value(); });
  client->stop(60'000, [&] {
    EXPECT_TRUE(is_answered);
    is_stopped = true;
  });
  client->command({"PING"}, [&](const CommandResult& result) { late = result.error().kind; });
  EXPECT_FALSE(client->is_connected());
  ASSERT_TRUE(loop_.run_until([&] { return is_stopped && late; }));
  EXPECT_EQ(late, Kind::kUnavailable);
  EXPECT_FALSE(client->is_ready());
  EXPECT_EQ(server.run({"GET", "key"}).text, "x");
}

TEST_F(ClientTest, StopsAtItsDeadline) {
  RedisServer server;
  const auto client = ready(server.location());
  server.pause();
  std::optional<Kind> outcome;
  bool is_stopped = false;
  client->command({"PING"}, [&](const CommandResult& result) { outcome = result.error().kind; });
  client->stop(50, [&] { is_stopped = true; });
  ASSERT_TRUE(loop_.run_until([&] { return is_stopped; }));
  EXPECT_EQ(outcome, Kind::kLost);
}

TEST_F(ClientTest, StopsWithoutAConnection) {
  const auto client = connect(Location{});
  bool is_stopped = false;
  client->stop(60'000, [&] { is_stopped = true; });
  EXPECT_FALSE(is_stopped);
  EXPECT_TRUE(loop_.run_until([&] { return is_stopped; }));
}

}  // namespace
}  // namespace carillon::redis
