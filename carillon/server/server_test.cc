#include "carillon/server/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace carillon::server {
namespace {

json::Value answer(uint64_t number) {
  json::Value object = json::Value::object();
  object.set("type", json::Value("an.answer"));
  object.set("n", json::Value(number));
  return object;
}

// Answers through the channel layer, as often as it is asked to, or says where it is reached.
class Asker final : public consumer::Consumer {
  void receive(std::string_view text) override {
    if (text == "where") return send(reply_channel());
    const uint64_t count = std::stoull(std::string(text));
    for (uint64_t i = 0; i < count; ++i) {
      EXPECT_TRUE(send_to_channel(reply_channel(), answer(i)));
    }
  }
};

// A blocking client of short messages.
class Client {
 public:
  explicit Client(const std::string& socket_path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    send_bytes(
        "GET /ask/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = read_bytes(1);
      if (byte.empty()) break;
      head += byte;
    }
    EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // With a mask of zeros, which changes nothing.
  void send(std::string_view text) {
    std::string frame = {'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    send_bytes(frame.append(text));
  }
  // The payload of the next frame, or the code of a close frame; empty when the connection ended.
  std::string read() {
    const std::string header = read_bytes(2);
    if (header.size() < 2) return {};
    std::string payload = read_bytes(static_cast<size_t>(header[1]));
    if (header[0] != '\x88') return payload;
    const auto high = static_cast<unsigned char>(payload.at(0));
    const auto low = static_cast<unsigned char>(payload.at(1));
    return "close " + std::to_string(high * 256 + low);
  }

 private:
  void send_bytes(std::string_view bytes) {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string read_bytes(size_t count) {
    std::string bytes(count, 0);
    size_t have = 0;
    while (have < count) {
      const ssize_t got = ::recv(fd_, bytes.data() + have, count - have, 0);
      if (got <= 0) return {};
      have += static_cast<size_t>(got);
    }
    return bytes;
  }
  const int fd_;
};

class ServerTest : public testing::Test {
 protected:
  // `adjust` may change the settings. One worker, so that its sockets share a mailbox.
  void start(void (*adjust)(config::Settings&) = [](config::Settings&) {}) {
    config::Settings settings;
    settings.bind = {"unix:" + socket_path_};
    settings.workers = 1;
    settings.log_level = "error";
    settings.endpoints.clear();
    adjust(settings);
    server_ = std::make_unique<Server>(settings);
    ASSERT_TRUE(server_->add_endpoint<Asker>({.path = "/ask/"}));
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().what;
  }
  static std::string frame(uint64_t number) {
    return R"({"type":"an_answer","n":)" + std::to_string(number) + "}";
  }
  int64_t total(std::string_view metric) { return server_->registry().total(metric); }

  const std::string socket_path_ =
      testing::TempDir() + "carillon-server-test-" + std::to_string(::getpid());
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, BringsAnAnswerToTheOneConnectionThatAsked) {
  start();
  Client other(socket_path_);
  Client asking(socket_path_);
  asking.send("2");
  EXPECT_EQ(asking.read(), frame(0));
  EXPECT_EQ(asking.read(), frame(1));
  other.send("1");
  EXPECT_EQ(other.read(), frame(0));
}

TEST_F(ServerTest, BringsNoAnswerToAConnectionThatCameAfterTheOneThatAsked) {
  start();
  std::string channel;
  {
    Client gone(socket_path_);
    gone.send("where");
    channel = gone.read();
  }
  while (total("carillon_closed_total") == 0) std::this_thread::yield();
  Client next(socket_path_);
  next.send("where");
  EXPECT_NE(next.read(), channel);
  auto event = std::make_shared<const layer::Event>(std::move(*layer::Event::make(answer(99))));
  server_->publisher().send(channel, event, 100, [](layer::SendOutcome) {});
  next.send("1");
  EXPECT_EQ(next.read(), frame(0));
  EXPECT_EQ(total("carillon_direct_events_dropped_total"), 1);
}

TEST_F(ServerTest, ClosesAConnectionThatMissedAnAnswer) {
  start([](config::Settings& settings) {
    settings.limits.mailbox_events_max = 1;
    settings.limits.inbound_events_max = 1;
  });
  Client other(socket_path_);
  Client asking(socket_path_);
  // The node hands them on faster than the worker writes them one by one.
  asking.send("20000");
  uint64_t count = 0;
  std::string got = asking.read();
  for (; got == frame(count); got = asking.read()) ++count;
  EXPECT_EQ(got, "close 1013") << "in the place of what is missing";
  EXPECT_GE(count, 2u);
  EXPECT_GT(total("carillon_inbound_overflow_total"), 0);
  other.send("1");
  EXPECT_EQ(other.read(), frame(0));
}

TEST_F(ServerTest, StopsTwice) {
  start();
  Client client(socket_path_);
  server_->stop();
  server_->stop();
  EXPECT_EQ(client.read(), "");
}

}  // namespace
}  // namespace carillon::server
