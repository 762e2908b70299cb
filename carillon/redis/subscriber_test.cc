#include "carillon/redis/subscriber.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "carillon/net/running_loop_test.h"
#include "carillon/redis/server_test.h"

namespace carillon::redis {
namespace {

using Texts = std::vector<std::string>;

class SubscriberTest : public testing::Test {
 protected:
  static SubscriberOptions hasty() { return {.retry_ms_min = 5, .retry_ms_max = 50}; }

  std::unique_ptr<Subscriber> make(const Location& location, SubscriberOptions options = hasty()) {
    SubscriberEvents events;
    events.on_message = [this](const PublishedMessage& message) {
      std::string text = std::string(message.channel) + "=" + std::string(message.payload);
      if (!message.pattern.empty()) text += " by " + std::string(message.pattern);
      messages_.push_back(std::move(text));
    };
    events.on_subscribed = [this](std::string_view channel) { confirmed_.emplace_back(channel); };
    events.on_change = [this] { ++change_count_; };
    events.on_resubscribed = [this] { ++resubscribed_count_; };
    return std::make_unique<Subscriber>(loop_.loop(), resolver_, location, std::move(events),
                                        std::move(options));
  }
  std::unique_ptr<Subscriber> ready(const Location& location, SubscriberOptions options = hasty()) {
    auto subscriber = make(location, std::move(options));
    subscriber->start();
    EXPECT_TRUE(loop_.run_until([&] { return subscriber->is_ready(); })) << subscriber->trouble();
    return subscriber;
  }
  void subscribe(Subscriber& subscriber, std::string_view channel) {
    EXPECT_TRUE(subscriber.subscribe(channel));
    EXPECT_TRUE(loop_.run_until([&] { return subscriber.is_subscribed(channel); }));
  }
  // How many heard it.
  int64_t publish(const RedisServer& server, std::string channel, std::string payload) {
    return server.run({"PUBLISH", std::move(channel), std::move(payload)}).integer;
  }
  bool has_messages(size_t count) {
    return loop_.run_until([&] { return messages_.size() >= count; });
  }

  net::RunningLoop loop_;
  net::Resolver resolver_;
  Texts messages_;
  Texts confirmed_;
  int change_count_ = 0;
  int resubscribed_count_ = 0;
};

TEST_F(SubscriberTest, HandsOutWhatIsPublishedAfterItsConfirmation) {
  const RedisServer server;
  const auto subscriber = ready(server.location());
  EXPECT_FALSE(subscriber->is_subscribed("one"));
  subscribe(*subscriber, "one");
  EXPECT_EQ(confirmed_, Texts{"one"});
  EXPECT_EQ(publish(server, "one", "a"), 1);
  EXPECT_EQ(publish(server, "two", "b"), 0);
  EXPECT_EQ(publish(server, "one", std::string("\0\r\n", 3)), 1);
  ASSERT_TRUE(has_messages(2));
  EXPECT_EQ(messages_, (Texts{"one=a", std::string("one=\0\r\n", 7)}));
  EXPECT_EQ(resubscribed_count_, 0);
  EXPECT_EQ(change_count_, 1);
}

TEST_F(SubscriberTest, StopsHearingWhatItLeaves) {
  const RedisServer server;
  const auto subscriber = ready(server.location());
  subscribe(*subscriber, "one");
  subscribe(*subscriber, "two");
  subscriber->unsubscribe("one");
  EXPECT_FALSE(subscriber->is_subscribed("one"));
  subscriber->unsubscribe("never subscribed");
  EXPECT_EQ(subscriber->channel_count(), 1u);
  subscribe(*subscriber, "three");  // which is confirmed after the other is left
  EXPECT_EQ(publish(server, "one", "a"), 0);
  EXPECT_EQ(publish(server, "two", "b"), 1);
  ASSERT_TRUE(has_messages(1));
  EXPECT_EQ(messages_, Texts{"two=b"});
}

TEST_F(SubscriberTest, SubscribesToPatterns) {
  const RedisServer server;
  const auto subscriber = ready(server.location());
  EXPECT_TRUE(subscriber->psubscribe("news.*"));
  subscribe(*subscriber, "other");
  EXPECT_EQ(subscriber->channel_count(), 2u);
  EXPECT_EQ(publish(server, "news.today", "a"), 1);
  ASSERT_TRUE(has_messages(1));
  EXPECT_EQ(messages_, Texts{"news.today=a by news.*"});
  subscriber->punsubscribe("news.*");
  subscribe(*subscriber, "another");
  EXPECT_EQ(publish(server, "news.today", "b"), 0);
}

TEST_F(SubscriberTest, AsksOnlyForWhatIsWantedInTheEnd) {
  const RedisServer server;
  const auto subscriber = ready(server.location());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(subscriber->subscribe("one"));
    EXPECT_TRUE(subscriber->subscribe("one"));
    subscriber->unsubscribe("one");
  }
  subscribe(*subscriber, "two");
  EXPECT_EQ(confirmed_, Texts{"two"});
  EXPECT_EQ(publish(server, "one", "a"), 0);
}

TEST_F(SubscriberTest, ConfirmsTheLastOfSeveralChanges) {
  const RedisServer server;
  const auto subscriber = ready(server.location());
  // Each in a turn of its own, and sooner than any answer of a server that is busy elsewhere.
  server.run({"CLIENT", "PAUSE", "200"});
  const auto turn = [this] {
    bool is_over = false;
    loop_.loop().post([&] { loop_.loop().post([&] { is_over = true; }); });
    return loop_.run_until([&] { return is_over; });
  };
  EXPECT_TRUE(subscriber->subscribe("one"));
  EXPECT_TRUE(turn());
  subscriber->unsubscribe("one");
  EXPECT_TRUE(turn());
  EXPECT_TRUE(subscriber->subscribe("one"));
  ASSERT_TRUE(loop_.run_until([&] { return subscriber->is_subscribed("one"); }));
  EXPECT_EQ(confirmed_, Texts{"one"}) << "once";
  EXPECT_EQ(publish(server, "one", "a"), 1);
  EXPECT_TRUE(has_messages(1));
}

TEST_F(SubscriberTest, SubscribesInBatches) {
  const RedisServer server;
  const auto subscriber = make(server.location());
  constexpr size_t kCount = 10'000;
  for (size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(subscriber->subscribe("channel" + std::to_string(i)));
  }
  EXPECT_FALSE(subscriber->is_ready());
  subscriber->start();
  ASSERT_TRUE(loop_.run_until([&] { return subscriber->is_ready(); }));
  EXPECT_EQ(confirmed_.size(), kCount);
  EXPECT_EQ(publish(server, "channel9999", "a"), 1);
  const std::string stats = server.run({"INFO", "commandstats"}).text;
  const size_t at = stats.find("cmdstat_subscribe:calls=");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LE(std::stoi(stats.substr(at + 24)), 25) << "of 512 names each";
}

TEST_F(SubscriberTest, RefusesChannelsPastItsBound) {
  const RedisServer server;
  SubscriberOptions options = hasty();
  options.channel_count_max = 2;
  const auto subscriber = ready(server.location(), options);
  subscribe(*subscriber, "one");
  EXPECT_TRUE(subscriber->psubscribe("two"));
  EXPECT_FALSE(subscriber->subscribe("three"));
  EXPECT_TRUE(subscriber->subscribe("one")) << "it has that";
  subscriber->punsubscribe("two");
  subscribe(*subscriber, "three");
}

TEST_F(SubscriberTest, ResubscribesAfterAKill) {
  RedisServer server;
  const auto subscriber = ready(server.location());
  subscribe(*subscriber, "one");
  subscribe(*subscriber, "two");
  EXPECT_TRUE(subscriber->psubscribe("news.*"));
  server.kill();
  ASSERT_TRUE(loop_.run_until([&] { return subscriber->cause() == Cause::kUnreachable; }));
  EXPECT_FALSE(subscriber->is_subscribed("one"));
  EXPECT_EQ(resubscribed_count_, 0);
  subscriber->unsubscribe("two");
  EXPECT_TRUE(subscriber->subscribe("three"));
  EXPECT_TRUE(subscriber->subscribe("four"));
  subscriber->unsubscribe("four");
  confirmed_.clear();
  server.start();
  ASSERT_TRUE(loop_.run_until([&] { return resubscribed_count_ == 1; }));
  EXPECT_TRUE(subscriber->is_ready());
  std::sort(confirmed_.begin(), confirmed_.end());
  EXPECT_EQ(confirmed_, (Texts{"one", "three"}));
  for (const char* channel : {"one", "three", "news.x"}) {
    EXPECT_EQ(publish(server, channel, "a"), 1) << channel;
  }
  for (const char* channel : {"two", "four"}) EXPECT_EQ(publish(server, channel, "a"), 0);
  EXPECT_TRUE(has_messages(3));
  EXPECT_EQ(subscriber->reconnect_count(), 1u);
}

TEST_F(SubscriberTest, NoticesAServerThatIsPaused) {
  RedisServer server;
  SubscriberOptions options = hasty();
  options.ping_interval_ms = 50;
  options.ping_timeout_ms = 300;
  const auto subscriber = ready(server.location(), options);
  subscribe(*subscriber, "one");
  server.pause();
  ASSERT_TRUE(loop_.run_until([&] { return !subscriber->is_ready(); }));
  EXPECT_EQ(subscriber->cause(), Cause::kTimeout);
  server.resume();
  ASSERT_TRUE(loop_.run_until([&] { return resubscribed_count_ == 1; }));
  EXPECT_EQ(publish(server, "one", "a"), 1);
}

TEST_F(SubscriberTest, StaysConnectedWhileNothingIsPublished) {
  const RedisServer server;
  SubscriberOptions options = hasty();
  options.ping_interval_ms = 1;
  const auto subscriber = ready(server.location(), options);
  subscribe(*subscriber, "one");
  const auto ping_count = [&] {
    const std::string stats = server.run({"INFO", "commandstats"}).text;
    const size_t at = stats.find("cmdstat_ping:calls=");
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + 19));
  };
  const int before = ping_count();
  ASSERT_TRUE(loop_.run_until([&] { return ping_count() >= before + 10; }));
  EXPECT_EQ(subscriber->reconnect_count(), 0u);
  EXPECT_TRUE(subscriber->is_ready());
}

TEST_F(SubscriberTest, SaysThatAChannelIsForbidden) {
  const RedisServer server;
  server.run({"ACL", "SETUSER", "gw", "on", ">secret", "resetchannels", "&asgi*", "+@all"});
  const auto subscriber = ready(*Location::parse(server.url("gw:secret@")));
  subscribe(*subscriber, "asgi__group__one");
  EXPECT_TRUE(subscriber->subscribe("other"));
  ASSERT_TRUE(loop_.run_until([&] { return subscriber->cause() == Cause::kNoPermission; }));
  EXPECT_NE(subscriber->trouble().find("ACL SETUSER"), std::string::npos);
  subscriber->unsubscribe("other");
  ASSERT_TRUE(loop_.run_until([&] { return subscriber->is_ready(); }));
  EXPECT_TRUE(subscriber->is_subscribed("asgi__group__one"));
}

TEST_F(SubscriberTest, MayBeDestroyedByItsOwnCallbacks) {
  const RedisServer server;
  std::unique_ptr<Subscriber> subscriber;
  const auto make_events = [&] {
    SubscriberEvents events;
    events.on_message = [&](const PublishedMessage&) { subscriber.reset(); };
    return events;
  };
  subscriber = std::make_unique<Subscriber>(loop_.loop(), resolver_, server.location(),
                                            make_events(), hasty());
  subscriber->start();
  subscribe(*subscriber, "one");
  publish(server, "one", "a");
  publish(server, "one", "b");
  EXPECT_TRUE(loop_.run_until([&] { return subscriber == nullptr; }));

  SubscriberEvents events = make_events();
  events.on_subscribed = [&](std::string_view) { subscriber.reset(); };
  subscriber = std::make_unique<Subscriber>(loop_.loop(), resolver_, server.location(),
                                            std::move(events), hasty());
  EXPECT_TRUE(subscriber->subscribe("one"));
  subscriber->start();
  EXPECT_TRUE(loop_.run_until([&] { return subscriber == nullptr; }));

  events = make_events();
  events.on_change = [&] { subscriber.reset(); };
  subscriber = std::make_unique<Subscriber>(loop_.loop(), resolver_, server.location(),
                                            std::move(events), hasty());
  subscriber->start();
  EXPECT_TRUE(loop_.run_until([&] { return subscriber == nullptr; }));
}

TEST_F(SubscriberTest, CallsNobodyAfterStop) {
  const RedisServer server;
  const auto subscriber = ready(server.location());
  subscribe(*subscriber, "one");
  publish(server, "one", "a");
  change_count_ = 0;
  subscriber->stop();
  EXPECT_FALSE(subscriber->is_ready());
  EXPECT_TRUE(subscriber->subscribe("two"));
  // The server has seen it go, so the loop could have, too.
  ASSERT_TRUE(loop_.run_until([&] { return publish(server, "one", "b") == 0; }));
  EXPECT_TRUE(messages_.empty());
  EXPECT_EQ(change_count_, 0);
}

}  // namespace
}  // namespace carillon::redis
