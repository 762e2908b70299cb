#include "carillon/net/stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "carillon/net/certificates_test.h"
#include "carillon/net/child_process_test.h"
#include "carillon/net/connector.h"
#include "carillon/net/running_loop_test.h"

namespace carillon::net {
namespace {

using Kind = IoResult::Kind;

std::pair<Stream, Fd> make_pair() {
  std::array<int, 2> fds{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  return {Stream(Fd(fds[0])), Fd(fds[1])};
}

TEST(Stream, CarriesBytesInClear) {
  auto [stream, peer] = make_pair();
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(stream.handshake().kind, Kind::kDone);
  EXPECT_EQ(stream.read(buffer).kind, Kind::kWantRead);
  EXPECT_EQ(stream.write(as_bytes("hello")).byte_count, 5u);
  EXPECT_EQ(::recv(peer.get(), buffer.data(), buffer.size(), 0), 5);
  EXPECT_EQ(::send(peer.get(), "you", 3, 0), 3);
  const IoResult read = stream.read(buffer);
  EXPECT_EQ(read.kind, Kind::kDone);
  EXPECT_EQ(as_text(ByteView(buffer).first(read.byte_count)), "you");
  EXPECT_FALSE(stream.has_buffered_input());
}

TEST(Stream, SaysWhenTheSocketIsFull) {
  auto [stream, peer] = make_pair();
  const std::string many(64 * 1024, 'x');
  IoResult written;
  while (written.kind == Kind::kDone) written = stream.write(as_bytes(many));
  EXPECT_EQ(written.kind, Kind::kWantWrite);
}

TEST(Stream, TellsTheEndFromAFailure) {
  auto [stream, peer] = make_pair();
  std::array<std::byte, 16> buffer{};
  peer = Fd();
  EXPECT_EQ(stream.read(buffer).kind, Kind::kClosed);
  EXPECT_EQ(stream.write(as_bytes("x")).kind, Kind::kFailed) << "and no signal";
  EXPECT_EQ(stream.failure(), "Broken pipe");
}

TEST(Stream, ShutsItsWritingSideDown) {
  auto [stream, peer] = make_pair();
  stream.shut_down();
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(::recv(peer.get(), buffer.data(), buffer.size(), 0), 0);
}

// OpenSSL's own server: another implementation of the other side, which sends each line back
// reversed.
class TlsServer {
 public:
  explicit TlsServer(std::vector<std::string> options) {
    std::vector<std::string> command = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-rev"};
    command.insert(command.end(), options.begin(), options.end());
    process_ = ChildProcess(std::move(command));
    const std::string before = process_.read_until("ACCEPT 127.0.0.1:");
    const std::string port = process_.read_until("\n");
    EXPECT_TRUE(before.ends_with(':')) << before;
    port_ = static_cast<uint16_t>(std::stoi(port));
  }
  uint16_t port() const { return port_; }
  ChildProcess& process() { return process_; }

 private:
  ChildProcess process_;
  uint16_t port_ = 0;
};

// One TLS connection, driven by a loop.
class Visit final : public IoHandler {
 public:
  Visit(RunningLoop& loop, uint16_t port, const TlsOptions& options, std::string_view host)
      : loop_(loop) {
    auto context = TlsContext::make(options);
    EXPECT_TRUE(context) << context.error().what;
    Connector connector(loop.loop(), resolver_);
    std::optional<Result<Fd, Error>> socket;
    connector.connect({"127.0.0.1", port, {}}, 60'000,
                      [&](Result<Fd, Error> result) { socket = std::move(result); });
    EXPECT_TRUE(loop.run_until([&] { return socket.has_value(); }));
    auto stream = Stream::secure(std::move(**socket), *context, host);
    EXPECT_TRUE(stream);
    stream_.emplace(std::move(*stream));
    loop.loop().poller().watch(stream_->fd(), *this, kReadable);
    on_ready(kReadable);
  }
  ~Visit() { loop_.loop().poller().forget(stream_->fd()); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  // Whether the handshake succeeded.
  bool is_open() {
    EXPECT_TRUE(loop_.run_until([this] { return is_open_ || has_failed; }));
    return is_open_;
  }
  void write(std::string_view text) {
    while (!text.empty()) {
      const IoResult result = stream_->write(as_bytes(text));
      EXPECT_EQ(result.kind, Kind::kDone) << "short enough for any socket";
      if (result.kind != Kind::kDone) return;
      text.remove_prefix(result.byte_count);
    }
  }
  bool reads(const std::string& text) {
    return loop_.run_until([&] { return received == text || has_failed; }) && received == text;
  }
  bool is_ended() {
    return loop_.run_until([this] { return has_ended || has_failed; });
  }
  Stream& stream() { return *stream_; }
  const std::string& failure() const { return failure_; }

  void on_ready(uint8_t) override {
    if (!is_open_) {
      const IoResult result = stream_->handshake();
      is_open_ = result.kind == Kind::kDone;
      if (result.kind == Kind::kFailed || result.kind == Kind::kClosed) fail();
    }
    while (is_open_ && !has_failed && !has_ended) {
      const IoResult result = stream_->read(loop_.loop().read_buffer());
      if (result.kind == Kind::kWantRead) return;
      has_ended = result.kind == Kind::kClosed;
      if (result.kind == Kind::kFailed) fail();
      received += as_text(loop_.loop().read_buffer().first(result.byte_count));
    }
  }

  std::string received;
  bool has_ended = false;
  bool has_failed = false;

 private:
  void fail() {
    has_failed = true;
    failure_ = stream_->failure();
    loop_.loop().poller().change(stream_->fd(), *this, kNothing);
  }

  RunningLoop& loop_;
  Resolver resolver_;
  std::optional<Stream> stream_;
  std::string failure_;
  bool is_open_ = false;
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() { certificates_.issue("server", "DNS:localhost,IP:127.0.0.1"); }

  TlsServer serve(std::vector<std::string> options = {}) const {
    options.insert(options.end(), {"-cert", certificates_.file("server"), "-key",
                                   certificates_.key_file("server")});
    return TlsServer(std::move(options));
  }
  TlsOptions trusting() const { return {.ca_file = certificates_.ca_file()}; }

  RunningLoop loop_;
  const TemporaryDirectory directory_;
  const Certificates certificates_{directory_};
};

TEST_F(TlsTest, CarriesBytesToAPeerItTrusts) {
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const TlsServer server = serve({version});
    for (const char* host : {"localhost", "127.0.0.1"}) {
      Visit visit(loop_, server.port(), trusting(), host);
      ASSERT_TRUE(visit.is_open()) << version << " " << host << ": " << visit.failure();
      visit.write("olleh\n");
      EXPECT_TRUE(visit.reads("hello\n")) << visit.received;
      visit.stream().shut_down();
    }
  }
}

TEST_F(TlsTest, CarriesMoreThanARecord) {
  const TlsServer server = serve();
  Visit visit(loop_, server.port(), trusting(), "localhost");
  ASSERT_TRUE(visit.is_open());
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    visit.write(std::string(2'000, static_cast<char>('a' + i)) + "\n");
    expected += std::string(2'000, static_cast<char>('a' + i)) + "\n";
  }
  EXPECT_TRUE(visit.reads(expected)) << visit.received.size();
}

TEST_F(TlsTest, RefusesAPeerItDoesNotTrust) {
  const TlsServer server = serve();
  Visit visit(loop_, server.port(), {}, "localhost");
  EXPECT_FALSE(visit.is_open());
  EXPECT_NE(visit.failure().find("certificate is not accepted"), std::string::npos)
      << visit.failure();
}

TEST_F(TlsTest, RefusesACertificateForAnotherHost) {
  const TlsServer server = serve();
  for (const char* host : {"redis.example", "127.0.0.2"}) {
    Visit visit(loop_, server.port(), trusting(), host);
    EXPECT_FALSE(visit.is_open()) << host;
    EXPECT_NE(visit.failure().find("mismatch"), std::string::npos) << visit.failure();
  }
}

TEST_F(TlsTest, ChecksAsMuchAsItIsTold) {
  const TlsServer server = serve();
  for (const TlsOptions& options :
       {TlsOptions{.verify_host = false, .ca_file = certificates_.ca_file()},
        TlsOptions{.verify_peer = false}}) {
    Visit visit(loop_, server.port(), options, "redis.example");
    EXPECT_TRUE(visit.is_open()) << visit.failure();
  }
}

TEST_F(TlsTest, ShowsItsOwnCertificate) {
  certificates_.issue("client", "DNS:client");
  const TlsServer server =
      serve({"-Verify", "1", "-verify_return_error", "-CAfile", certificates_.ca_file()});
  TlsOptions options = trusting();
  {
    Visit visit(loop_, server.port(), options, "localhost");
    (void)visit.is_open();  // TLS 1.3 tells a client only afterwards
    EXPECT_TRUE(visit.is_ended());
    EXPECT_NE(visit.failure().find("certificate required"), std::string::npos) << visit.failure();
  }
  options.certificate_file = certificates_.file("client");
  options.key_file = certificates_.key_file("client");
  Visit visit(loop_, server.port(), options, "localhost");
  ASSERT_TRUE(visit.is_open()) << visit.failure();
  visit.write("olleh\n");
  EXPECT_TRUE(visit.reads("hello\n"));
}

TEST_F(TlsTest, SeesThePeerGo) {
  TlsServer server = serve();
  Visit visit(loop_, server.port(), trusting(), "localhost");
  ASSERT_TRUE(visit.is_open());
  visit.write("olleh\n");
  ASSERT_TRUE(visit.reads("hello\n"));
  server.process().kill();
  EXPECT_TRUE(visit.is_ended());
  EXPECT_TRUE(visit.has_ended) << visit.failure();
}

TEST_F(TlsTest, SaysWhenThePeerSpeaksSomethingElse) {
  std::array<int, 2> fds{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  const Fd peer(fds[1]);
  auto stream = Stream::secure(Fd(fds[0]), *TlsContext::make({.verify_peer = false}), "localhost");
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->handshake().kind, Kind::kWantRead);
  EXPECT_EQ(::send(peer.get(), "-ERR unknown command\r\n", 22, 0), 22);
  EXPECT_EQ(stream->handshake().kind, Kind::kFailed);
  EXPECT_EQ(stream->failure(), "TLS: wrong version number");
}

TEST_F(TlsTest, SaysWhenThePeerGoesDuringTheHandshake) {
  std::array<int, 2> fds{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
  Fd peer(fds[1]);
  auto stream = Stream::secure(Fd(fds[0]), *TlsContext::make({}), "localhost");
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->handshake().kind, Kind::kWantRead);
  std::array<std::byte, 4096> hello{};
  ASSERT_GT(::recv(peer.get(), hello.data(), hello.size(), 0), 0);
  peer = Fd();
  EXPECT_EQ(stream->handshake().kind, Kind::kFailed);
  EXPECT_EQ(stream->failure(), "the connection was closed during the TLS handshake");
}

TEST_F(TlsTest, SaysWhichFileItCannotRead) {
  const std::string none = directory_.file("none.pem");
  for (const TlsOptions& options :
       {TlsOptions{.ca_file = none}, TlsOptions{.certificate_file = none},
        TlsOptions{.certificate_file = certificates_.file("server"), .key_file = none}}) {
    const auto context = TlsContext::make(options);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().code, "tls");
    EXPECT_NE(context.error().what.find("'" + none + "'"), std::string::npos)
        << context.error().what;
  }
}

}  // namespace
}  // namespace carillon::net
