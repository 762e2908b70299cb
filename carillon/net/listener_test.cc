#include "carillon/net/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

namespace carillon::net {
namespace {

class ListenerTest : public testing::Test {
 protected:
  ListenerTest() {
    auto loop = EventLoop::make(clock_);
    auto socket = listen_on(*Address::parse("127.0.0.1:0"), {});
    EXPECT_TRUE(loop && socket);
    loop_ = std::move(*loop);
    address_ = *local_address(*socket);
    listener_ = std::make_unique<Listener>(
        *loop_, std::move(*socket),
        [this](Fd fd, const sockaddr_storage& peer) {
          EXPECT_EQ(peer.ss_family, AF_INET);
          accepted_.push_back(std::move(fd));
        },
        [this](bool is_paused, int reason) { pauses_.emplace_back(is_paused, reason); });
  }
  ~ListenerTest() override { listener_.reset(); }

  // A connection that waits in the backlog once this returns.
  Fd connect() {
    Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address_.storage),
                        address_.length),
              0);
    return client;
  }

  FakeClock clock_;
  std::unique_ptr<EventLoop> loop_;
  Address address_;
  std::vector<Fd> accepted_;
  std::vector<std::pair<bool, int>> pauses_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, AcceptsAllThatWait) {
  std::vector<Fd> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(connect());
  listener_->on_ready(kReadable);
  EXPECT_EQ(accepted_.size(), 5u);
  EXPECT_TRUE(::fcntl(accepted_[0].get(), F_GETFL) & O_NONBLOCK);
  listener_->on_ready(kReadable);
  EXPECT_EQ(accepted_.size(), 5u);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(ListenerTest, IsCalledByItsLoop) {
  const Fd client = connect();
  loop_->post([this] { loop_->post([this] { loop_->stop(); }); });
  loop_->run();
  EXPECT_EQ(accepted_.size(), 1u);
}

TEST_F(ListenerTest, TakesTheBacklogBeforeItCloses) {
  const Fd client = connect();
  listener_->close();
  EXPECT_EQ(accepted_.size(), 1u);
  listener_->close();
  listener_->on_ready(kReadable);
  const Fd late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_LT(
      ::connect(late.get(), reinterpret_cast<const sockaddr*>(&address_.storage), address_.length),
      0);
}

// While it lives, the process can open no more descriptors.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const Fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    rlimit tight = before_;
    tight.rlim_cur = static_cast<rlim_t>(next.get());
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(ListenerTest, PausesWithoutDescriptorsAndGoesOnWithThem) {
  const Fd client = connect();
  {
    const NoDescriptors none;
    listener_->on_ready(kReadable);
    EXPECT_EQ(pauses_, (std::vector{std::pair(true, EMFILE)}));
    EXPECT_EQ(loop_->timers().running_count(), 1u);
    listener_->on_timer();
    EXPECT_EQ(pauses_.size(), 1u) << "a pause that goes on is told once";
    EXPECT_EQ(loop_->timers().running_count(), 1u);
  }
  listener_->on_ready(kReadable);
  EXPECT_TRUE(accepted_.empty()) << "until the pause is over";
  clock_.advance_ms(Listener::kPauseMs + 100);
  loop_->timers().advance(clock_.monotonic_ms());
  EXPECT_EQ(accepted_.size(), 1u);
  ASSERT_EQ(pauses_.size(), 2u);
  EXPECT_FALSE(pauses_[1].first);
}

TEST_F(ListenerTest, ClosesWhilePaused) {
  const Fd client = connect();
  const NoDescriptors none;
  listener_->on_ready(kReadable);
  listener_->close();
  EXPECT_EQ(loop_->timers().running_count(), 0u);
}

}  // namespace
}  // namespace carillon::net
