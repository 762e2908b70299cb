#include "carillon/net/connector.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <optional>

#include "carillon/net/child_process_test.h"
#include "carillon/net/running_loop_test.h"

namespace carillon::net {
namespace {

using Outcome = std::optional<Result<Fd, Error>>;

int option_of(const Fd& socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket.get(), level, name, &value, &size), 0);
  return value;
}

class ConnectorTest : public testing::Test {
 protected:
  Outcome connect(const ConnectTarget& target, uint64_t timeout_ms = 60'000) {
    Outcome outcome;
    connector_.connect(target, timeout_ms,
                       [&](Result<Fd, Error> result) { outcome = std::move(result); });
    EXPECT_FALSE(outcome) << "the answer comes in a later turn";
    EXPECT_TRUE(loop_.run_until([&] { return outcome.has_value(); }));
    return outcome;
  }
  static Fd listen(const std::string& address, int backlog = 16) {
    auto socket = listen_on(*Address::parse(address), {.reuse_port = false, .backlog = backlog});
    EXPECT_TRUE(socket);
    return std::move(*socket);
  }

  RunningLoop loop_;
  Resolver resolver_;
  Connector connector_{loop_.loop(), resolver_};
  const TemporaryDirectory directory_;
};

TEST_F(ConnectorTest, ConnectsToAnAddressWithoutBlocking) {
  const Fd listener = listen("127.0.0.1:0");
  const Outcome outcome = connect({"127.0.0.1", local_address(listener)->port(), {}});
  ASSERT_TRUE(*outcome);
  const Fd& socket = **outcome;
  EXPECT_TRUE(::fcntl(socket.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(socket.get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_GE(::accept(listener.get(), nullptr, nullptr), 0);
}

TEST_F(ConnectorTest, TriesEveryAddressOfAName) {
  // `localhost` is 127.0.0.1 and, where there is IPv6, ::1 before it, where nobody listens.
  const Fd listener = listen("127.0.0.1:0");
  const Outcome outcome = connect({"localhost", local_address(listener)->port(), {}});
  EXPECT_TRUE(*outcome);
}

TEST_F(ConnectorTest, ConnectsToAPath) {
  const std::string path = directory_.file("socket");
  const Fd listener = listen("unix:" + path);
  const Outcome outcome = connect({"", 0, path});
  ASSERT_TRUE(*outcome);
  EXPECT_TRUE(::fcntl((*outcome)->get(), F_GETFL) & O_NONBLOCK);
}

TEST_F(ConnectorTest, SaysWhoRefuses) {
  const uint16_t port = free_port();
  const Outcome tcp = connect({"127.0.0.1", port, {}});
  ASSERT_FALSE(*tcp);
  EXPECT_EQ(tcp->error().code, "connect");
  EXPECT_EQ(tcp->error().what,
            "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  const Outcome path = connect({"", 0, directory_.file("none")});
  ASSERT_FALSE(*path);
  EXPECT_EQ(path->error().what,
            "cannot connect to unix:" + directory_.file("none") + ": No such file or directory");
}

TEST_F(ConnectorTest, RefusesAPathThatIsTooLong) {
  const Outcome outcome = connect({"", 0, "/" + std::string(200, 'x')});
  ASSERT_FALSE(*outcome);
  EXPECT_NE(outcome->error().what.find("too long"), std::string::npos);
}

TEST_F(ConnectorTest, PassesOnWhatTheResolverSays) {
  const Outcome outcome = connect({"no such host.invalid", 1, {}});
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, "name_unknown");
}

// A TCP port of ours that answers nothing: its backlog is full.
class DeafPort {
 public:
  DeafPort() {
    auto socket = listen_on(*Address::parse("127.0.0.1:0"), {.reuse_port = false, .backlog = 0});
    EXPECT_TRUE(socket);
    listener_ = std::move(*socket);
    const auto address = *local_address(listener_);
    for (Fd& each : waiting_) {
      each = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      (void)::connect(each.get(), reinterpret_cast<const sockaddr*>(&address.storage),
                      address.length);  // under way, or waiting for ever
    }
  }
  uint16_t port() const { return local_address(listener_)->port(); }

 private:
  Fd listener_;
  std::array<Fd, 4> waiting_;
};

TEST_F(ConnectorTest, GivesUpInTime) {
  const DeafPort deaf;
  const Outcome outcome = connect({"127.0.0.1", deaf.port(), {}}, 50);
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, "connect_timeout");
}

TEST_F(ConnectorTest, CallsNobodyAfterCancel) {
  const DeafPort deaf;
  const auto unwanted = [](const Result<Fd, Error>&) { ADD_FAILURE() << "it was cancelled"; };
  for (const ConnectTarget& target :
       {ConnectTarget{"127.0.0.1", deaf.port(), {}}, ConnectTarget{"", 0, directory_.file("none")},
        ConnectTarget{"localhost", free_port(), {}}}) {
    connector_.connect(target, 60'000, unwanted);
    connector_.cancel();
  }
  connector_.connect({"127.0.0.1", deaf.port(), {}}, 60'000, unwanted);
  EXPECT_TRUE(loop_.run_until([turn_count = 0]() mutable { return ++turn_count > 0; }));
  connector_.cancel();
  connector_.cancel();
  EXPECT_EQ(loop_.loop().timers().running_count(), 0u);
  EXPECT_FALSE(*connect({"127.0.0.1", free_port(), {}})) << "and it can be used again";
}

TEST_F(ConnectorTest, MayBeUsedAndEndedByItsAnswer) {
  const uint16_t port = free_port();
  auto connector = std::make_unique<Connector>(loop_.loop(), resolver_);
  int answer_count = 0;
  connector->connect({"127.0.0.1", port, {}}, 60'000, [&](const Result<Fd, Error>&) {
    ++answer_count;
    connector->connect({"127.0.0.1", port, {}}, 60'000, [&](const Result<Fd, Error>&) {
      ++answer_count;
      connector.reset();
    });
  });
  EXPECT_TRUE(loop_.run_until([&] { return answer_count == 2; }));
}

TEST(ConnectTarget, IsPrintedAsAnAddress) {
  EXPECT_EQ((ConnectTarget{"redis.example", 6379, {}}).to_string(), "redis.example:6379");
  EXPECT_EQ((ConnectTarget{"::1", 6379, {}}).to_string(), "[::1]:6379");
  EXPECT_EQ((ConnectTarget{"", 0, "/run/redis.sock"}).to_string(), "unix:/run/redis.sock");
}

}  // namespace
}  // namespace carillon::net
