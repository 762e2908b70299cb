// An HTTP server on the test's own loop that answers every request with bytes that the test wrote
// down.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "carillon/net/event_loop.h"
#include "carillon/net/listener.h"
#include "carillon/net/socket.h"

namespace carillon::fetch::test {

class StubServer {
 public:
  explicit StubServer(net::EventLoop& loop) : loop_(loop) {
    auto socket = net::listen_on(*net::Address::parse("127.0.0.1:0"), {});
    EXPECT_TRUE(socket);
    url_ = "http://" + net::local_address(*socket)->to_string();
    listener_ = std::make_unique<net::Listener>(
        loop, std::move(*socket),
        [this](net::Fd fd, const sockaddr_storage&) {
          connections_.push_back(std::make_unique<Connection>(*this, std::move(fd)));
        },
        [](bool, int) {});
  }

  const std::string& url() const { return url_; }
  // Empty: requests are read and never answered.
  std::string answer;
  std::vector<std::string> requests;
  size_t connection_count() const { return connections_.size(); }
  // To requests that have come or will come on the connections that there are or will be.
  void answer_late(const std::string& text) {
    answer = text;
    for (const auto& connection : connections_) connection->answer_late(text);
  }

 private:
  class Connection final : public net::IoHandler {
   public:
    Connection(StubServer& server, net::Fd fd) : server_(server), fd_(std::move(fd)) {
      server_.loop_.poller().watch(fd_.get(), *this, net::kReadable);
    }
    ~Connection() {
      if (is_watched_) server_.loop_.poller().forget(fd_.get());
    }
    void on_ready(uint8_t) override {
      char bytes[4096];
      const ssize_t count = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (count <= 0) {
        server_.loop_.poller().forget(fd_.get());
        is_watched_ = false;
        return;
      }
      received_.append(bytes, static_cast<size_t>(count));
      if (received_.find("\r\n\r\n") == std::string::npos) return;
      server_.requests.push_back(std::exchange(received_, {}));
      is_waiting_ = server_.answer.empty();
      send(server_.answer);
    }
    void answer_late(const std::string& text) {
      if (std::exchange(is_waiting_, false)) send(text);
    }

   private:
    void send(const std::string& text) {
      (void)!::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    StubServer& server_;
    net::Fd fd_;
    std::string received_;
    bool is_waiting_ = false;
    bool is_watched_ = true;
  };

  net::EventLoop& loop_;
  std::string url_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

inline std::string http_answer(int status,
                               const std::string& body,
                               const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " Any\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
         body;
}

}  // namespace carillon::fetch::test
