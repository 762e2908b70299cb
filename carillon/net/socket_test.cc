#include "carillon/net/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "carillon/base/random.h"

namespace carillon::net {
namespace {

TEST(Address, ReadsWhatItPrints) {
  for (const char* text : {"127.0.0.1:8000", "0.0.0.0:0", "10.1.2.3:65535", "[::1]:8000", "[::]:0",
                           "[2001:db8::1]:443", "unix:/run/carillon.sock"}) {
    const auto address = Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(Address, KnowsItsPortAndFamily) {
  EXPECT_EQ(Address::parse("127.0.0.1:8000")->port(), 8000);
  EXPECT_EQ(Address::parse("[::1]:8001")->port(), 8001);
  EXPECT_EQ(Address::parse("unix:/x")->port(), 0);
  EXPECT_TRUE(Address::parse("unix:/x")->is_unix());
  EXPECT_FALSE(Address::parse("[::1]:1")->is_unix());
}

TEST(Address, TakesLocalhostForTheLoopback) {
  const auto address = Address::parse("localhost:80");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->to_string(), "127.0.0.1:80");
}

TEST(Address, KnowsTheLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.255.0.1:1", "localhost:1", "[::1]:1", "unix:/x"}) {
    EXPECT_TRUE(Address::parse(text)->is_loopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "128.0.0.1:1", "126.255.255.255:1", "[::]:1", "[::2]:1"}) {
    EXPECT_FALSE(Address::parse(text)->is_loopback()) << text;
  }
}

TEST(Address, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           ":",
                           ":8000",
                           "8000",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 80",
                           "127.0.0.1:80 ",
                           "127.0.0.1:http",
                           "127.0.0.1:0x50",
                           "127.0.0:80",
                           "256.0.0.1:80",
                           "example.com:80",
                           "*:80",
                           "::1:80",
                           "[::1]",
                           "[::1]80",
                           "[]:80",
                           "[::1:80",
                           "::1]:80",
                           "[127.0.0.1]:80",
                           "[:::1]:80",
                           "unix:",
                           "http://x:80"}) {
    const auto address = Address::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, "bad_address");
    EXPECT_NE(address.error().what.find(std::string("'") + text + "'"), std::string::npos);
  }
}

TEST(Address, TakesUnixPathsThatTheKernelTakes) {
  const std::string longest = "unix:/" + std::string(106, 'x');
  const auto address = Address::parse(longest);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->to_string(), longest);
  EXPECT_FALSE(Address::parse(longest + "x"));
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

TEST(Fd, ClosesWhatItOwnsOnce) {
  const int raw = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(raw, 0);
  {
    Fd first(raw);
    Fd second(std::move(first));
    EXPECT_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move): moved from is empty
    Fd third;
    third = std::move(second);
    EXPECT_EQ(third.get(), raw);
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(Fd, LetsGoOnRelease) {
  Fd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int raw = fd.release();
  EXPECT_FALSE(fd.is_open());
  EXPECT_TRUE(is_open(raw));
  ::close(raw);
}

int option_of(const Fd& fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_EQ(getsockopt(fd.get(), level, name, &value, &length), 0);
  return value;
}

TEST(ListenOn, ListensWithoutBlocking) {
  const auto fd = listen_on(*Address::parse("127.0.0.1:0"), {.send_buffer_bytes = 65'536});
  ASSERT_TRUE(fd);
  EXPECT_NE(local_address(*fd)->port(), 0);
  EXPECT_EQ(option_of(*fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
  EXPECT_EQ(option_of(*fd, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option_of(*fd, SOL_SOCKET, SO_SNDBUF), 65'536);
  EXPECT_TRUE(::fcntl(fd->get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC);
}

TEST(ListenOn, SharesAPortOnlyWhenAllDo) {
  const auto first = listen_on(*Address::parse("127.0.0.1:0"), {});
  ASSERT_TRUE(first);
  const Address address = *local_address(*first);
  EXPECT_TRUE(listen_on(address, {}));
  const auto alone = listen_on(address, {.reuse_port = false});
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, "address_in_use");
  EXPECT_NE(alone.error().what.find(address.to_string()), std::string::npos);
}

TEST(ListenOn, SaysWhyItCannot) {
  const auto fd = listen_on(*Address::parse("192.0.2.1:0"), {});  // TEST-NET-1 is nobody's
  ASSERT_FALSE(fd);
  EXPECT_EQ(fd.error().code, "listen");
}

class UnixSocketTest : public testing::Test {
 protected:
  UnixSocketTest() { std::filesystem::create_directory(directory_); }
  ~UnixSocketTest() override { std::filesystem::remove_all(directory_); }

  const std::string directory_ = testing::TempDir() + "carillon-" + random_hex(8);
  const std::string path_ = directory_ + "/socket";
  const Address address_ = *Address::parse("unix:" + path_);
};

TEST_F(UnixSocketTest, ReplacesWhatADeadProcessLeft) {
  {
    ASSERT_TRUE(listen_on(address_, {}));
  }
  ASSERT_TRUE(std::filesystem::exists(path_)) << "closing leaves the path";
  EXPECT_TRUE(listen_on(address_, {}));
}

TEST_F(UnixSocketTest, DoesNotTakeThePathOfALivingServer) {
  const auto first = listen_on(address_, {});
  ASSERT_TRUE(first);
  const auto second = listen_on(address_, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "address_in_use");
  const Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_.storage),
                      address_.length),
            0);
}

TEST_F(UnixSocketTest, DoesNotDeleteAFileThatIsNoSocket) {
  std::ofstream(path_) << "precious";
  const auto fd = listen_on(address_, {});
  ASSERT_FALSE(fd);
  EXPECT_EQ(fd.error().code, "address_in_use");
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

}  // namespace
}  // namespace carillon::net
