// A WebSocket connection of our own, for checking a server as its users see it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "cmd/socket.h"
#include "cmd/url.h"

namespace carillon::cmd {

struct WsRequest {
  std::string host{};    // of the Host header; empty: the URL's
  std::string target{};  // "/ws/notifications/"
  std::string token{};   // sent as Authorization: Bearer
};

// `status` is the server's answer when it refused the upgrade, else 0; `error` says more.
struct WsRefusal {
  Error error;
  int status = 0;
};

// One thread. Closes the socket on destruction without a closing handshake.
class WsClient {
 public:
  static Result<WsClient, WsRefusal> open(const Url& url,
                                          const WsRequest& request,
                                          const Deadline& deadline);
  ~WsClient();
  WsClient(WsClient&&) noexcept;
  WsClient& operator=(WsClient&&) noexcept;

  // The next text message; pings are answered meanwhile. Errors: Socket's codes; "closed" with the
  // code and reason of the server's close frame; "protocol" when it breaks RFC 6455.
  Result<std::string, Error> receive_text(const Deadline& deadline);
  // Says 1000 and does not wait for the answer.
  void close(const Deadline& deadline);

 private:
  class Connection;
  explicit WsClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace carillon::cmd
