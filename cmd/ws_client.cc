#include "cmd/ws_client.h"

#include <fmt/core.h>

#include <array>
#include <deque>
#include <utility>

#include "carillon/base/random.h"
#include "carillon/http/client.h"
#include "carillon/ws/client_handshake.h"
#include "carillon/ws/frame_writer.h"
#include "carillon/ws/message_assembler.h"
#include "cmd/http_client.h"

namespace carillon::cmd {
namespace {

constexpr uint64_t kMessageBytesMax = 16U << 20;
constexpr size_t kRefusalBytesMax = 65'536;

std::string_view what_of(ws::UpgradeError error) {
  switch (error) {
    case ws::UpgradeError::kStatus:
      return "the upgrade was refused";
    case ws::UpgradeError::kNotUpgrade:
      return "101 without Upgrade: websocket; does a proxy drop it?";
    case ws::UpgradeError::kBadAccept:
      return "the wrong Sec-WebSocket-Accept; does a cache answer?";
    case ws::UpgradeError::kExtension:
      return "an extension that was not offered";
  }
  return {};
}

}  // namespace

class WsClient::Connection final : private ws::MessageSink {
 public:
  explicit Connection(Socket socket) : socket_(std::move(socket)) {}

  Result<void, WsRefusal> upgrade(const Url& url,
                                  const WsRequest& request,
                                  const Deadline& deadline) {
    const std::string key = ws::make_key();
    const std::string host = request.host.empty() ? url.authority() : request.host;
    const std::string target = url.base + request.target;
    ws::UpgradeRequest asked;
    asked.host = host;
    asked.target = target;
    asked.key = key;
    asked.bearer_token = request.token;
    if (auto sent = socket_.write_all(ws::make_upgrade_request(asked), deadline); !sent) {
      return Err(WsRefusal{sent.error()});
    }
    return read_answer(url, asked, deadline);
  }

  Result<std::string, Error> receive_text(const Deadline& deadline) {
    std::string early = std::exchange(received_, {});
    auto taken = feed(std::as_writable_bytes(std::span(early)), deadline);
    if (!taken) return Err(taken.error());
    while (texts_.empty()) {
      if (!close_text_.empty()) return Err(Error{"closed", close_text_});
      std::array<std::byte, 16'384> buffer;
      CARILLON_TRY(const size_t count, socket_.read_some(buffer, deadline));
      if (count == 0) return Err(Error{"closed", "the server closed without a close frame"});
      if (auto fed = feed(std::span(buffer).first(count), deadline); !fed) return Err(fed.error());
    }
    std::string text = std::move(texts_.front());
    texts_.pop_front();
    return text;
  }

  void close(const Deadline& deadline) {
    std::string payload = {'\x03', '\xe8'};  // 1000, §7.4.1
    std::string frame;
    ws::append_masked_frame(frame, ws::Opcode::kClose, payload, next_mask());
    (void)socket_.write_all(frame, deadline);  // we leave either way
  }

 private:
  Result<void, WsRefusal> read_answer(const Url& url,
                                      const ws::UpgradeRequest& asked,
                                      const Deadline& deadline) {
    http::ResponseHead head;
    size_t scanned = 0;
    for (;;) {
      auto parsed = http::parse_response_head(received_, {}, head, scanned);
      if (!parsed) {
        return Err(WsRefusal{
            {"not_http", fmt::format("{}: {}", url.text(), http::explain(parsed.error()))}});
      }
      if (*parsed) break;
      if (auto more = read_more(deadline); !more) return Err(WsRefusal{more.error()});
    }
    if (head.status != 101) return Err(read_refusal(head, deadline));
    const ws::UpgradeResponse answer = {.status = head.status,
                                        .upgrade = head.header("Upgrade"),
                                        .connection = head.header("Connection"),
                                        .accept = head.header("Sec-WebSocket-Accept"),
                                        .extensions = head.header("Sec-WebSocket-Extensions")};
    auto agreed = ws::check_upgrade_response(asked, answer);
    if (!agreed) {
      return Err(WsRefusal{
          {"protocol", fmt::format("{}: answered {}", url.text(), what_of(agreed.error()))}});
    }
    received_.erase(0, head.head_bytes);  // frames that came right behind the answer
    return {};
  }

  WsRefusal read_refusal(const http::ResponseHead& head, const Deadline& deadline) {
    const int status = head.status;
    const size_t begin = head.head_bytes;
    const size_t length = static_cast<size_t>(head.content_length.value_or(kRefusalBytesMax));
    while (received_.size() < begin + length && received_.size() < kRefusalBytesMax) {
      if (!read_more(deadline)) break;  // what has come is all there is to say
    }
    return {{"refused", detail_of(std::string_view(received_).substr(begin, length))}, status};
  }

  Result<void, Error> read_more(const Deadline& deadline) {
    std::array<char, 4'096> buffer;
    CARILLON_TRY(const size_t count,
                 socket_.read_some(std::as_writable_bytes(std::span(buffer)), deadline));
    if (count == 0) return Err(Error{"closed", "the server closed during the handshake"});
    received_.append(buffer.data(), count);
    return {};
  }

  Result<void, Error> feed(MutableByteView bytes, const Deadline& deadline) {
    auto fed = assembler_.feed(bytes, *this);
    if (!fed) {
      return Err(
          Error{"protocol", fmt::format("the server broke RFC 6455: {}", ws::slug(fed.error()))});
    }
    if (pongs_.empty()) return {};
    std::string frames;
    for (const std::string& payload : pongs_) {
      ws::append_masked_frame(frames, ws::Opcode::kPong, payload, next_mask());
    }
    pongs_.clear();
    return socket_.write_all(frames, deadline);
  }

  void on_message(ws::Opcode, std::string_view payload) override { texts_.emplace_back(payload); }

  void on_control(ws::Opcode opcode, std::string_view payload) override {
    if (opcode == ws::Opcode::kPing) pongs_.emplace_back(payload);
    if (opcode != ws::Opcode::kClose) return;
    const auto close = ws::parse_close_payload(payload);
    close_text_ = close ? fmt::format("the server closed with {} {}", close->code, close->reason)
                        : "the server closed with a bad close frame";
  }

  bool wants_more() const override { return close_text_.empty(); }

  uint32_t next_mask() { return static_cast<uint32_t>(random_.next()); }

  Socket socket_;
  Random random_;
  ws::MessageAssembler assembler_{{.message_bytes_max = kMessageBytesMax, .expect_masked = false}};
  std::string received_;  // of the handshake, and what came right behind it
  std::deque<std::string> texts_;
  std::deque<std::string> pongs_;
  std::string close_text_;  // empty while open
};

WsClient::WsClient(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
WsClient::~WsClient() = default;
WsClient::WsClient(WsClient&&) noexcept = default;
WsClient& WsClient::operator=(WsClient&&) noexcept = default;

Result<WsClient, WsRefusal> WsClient::open(const Url& url,
                                           const WsRequest& request,
                                           const Deadline& deadline) {
  auto socket = Socket::connect(url, deadline);
  if (!socket) return Err(WsRefusal{socket.error()});
  auto connection = std::make_unique<Connection>(*std::move(socket));
  if (auto done = connection->upgrade(url, request, deadline); !done) return Err(done.error());
  return WsClient(std::move(connection));
}

Result<std::string, Error> WsClient::receive_text(const Deadline& deadline) {
  return connection_->receive_text(deadline);
}

void WsClient::close(const Deadline& deadline) {
  connection_->close(deadline);
}

}  // namespace carillon::cmd
