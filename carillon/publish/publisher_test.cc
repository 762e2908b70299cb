#include "carillon/publish/publisher.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "carillon/inbox/memory_inbox.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"
#include "carillon/layer/memory_layer.h"

namespace carillon::publish {
namespace {

json::Value value(std::string_view text) {
  auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return std::move(*parsed);
}

// A publisher on a real node, layer and inbox, with one worker that wants what the tests say; the
// node's loop runs on the test's thread.
class PublisherTest : public testing::Test {
 protected:
  PublisherTest() {
    auto worker_loop = net::EventLoop::make(clock_);
    auto node = fanout::Node::make(clock_, registry_, logger_);
    EXPECT_TRUE(worker_loop && node);
    worker_loop_ = std::move(*worker_loop);
    node_ = std::move(*node);
    node_->attach(*worker_loop_, mailbox_);
    node_->set_layer(
        std::make_unique<layer::MemoryLayer>(layer::MemoryLayerOptions{}, *node_, clock_));
    publisher_ = std::make_unique<Publisher>(*node_, inbox_, idempotency_, registry_,
                                             PublisherSettings{.rate_per_s = 10});
    for (const char* group : {"room", "notifications_7"}) node_->want(0, group);
    run_posted();
  }

  // A loop that is told to stop runs what was posted, then returns.
  void run_posted() {
    node_->loop().stop();
    node_->loop().run();
  }

  static layer::Addressed event(std::string_view group, std::string_view text) {
    Notice notice = group_send(group, value(text));
    EXPECT_TRUE(notice) << text;
    return std::move(*notice);
  }
  static layer::Addressed news() { return event("room", R"({"type":"news"})"); }
  static std::vector<layer::Addressed> some_news(size_t count) {
    return std::vector<layer::Addressed>(count, news());
  }

  PublishResult publish(std::vector<layer::Addressed> batch, PublishOptions options = {}) {
    std::optional<PublishResult> result;
    publisher_->publish(std::move(batch), std::move(options),
                        [&](PublishResult answer) { result = std::move(answer); });
    run_posted();
    EXPECT_TRUE(result) << "`then` was not called";
    return result.value_or(PublishResult{});
  }
  PublishResult publish_with_key(const std::string& key, const std::string& body_hash) {
    return publish(some_news(1), {.idempotency = IdempotencyKey{key, body_hash}, .rate_key = {}});
  }
  PublishStatus publish_as(const std::string& rate_key, size_t count) {
    (void)delivered();
    return publish(some_news(count), {.idempotency = {}, .rate_key = rate_key}).status;
  }

  // The payloads that the worker has got since it was asked last.
  std::vector<std::string> delivered() {
    std::vector<fanout::PreparedEventPtr> events;
    (void)mailbox_.take(SIZE_MAX, SIZE_MAX, events);
    std::vector<std::string> payloads;
    for (const auto& prepared : events) payloads.emplace_back(prepared->payload());
    return payloads;
  }
  int64_t count(const char* outcome) {
    return registry_.total("carillon_publishes_total", {{"outcome", outcome}});
  }

  static constexpr size_t kMailboxEventsMax = 20;
  FakeClock clock_;
  metrics::Registry registry_;
  log::Logger logger_;
  std::unique_ptr<net::EventLoop> worker_loop_;
  fanout::EventMailbox mailbox_{{.events_max = kMailboxEventsMax, .bytes_max = 1 << 20}};
  inbox::MemoryInbox inbox_{{}, clock_};
  MemoryIdempotencyTable idempotency_{100, clock_};
  std::unique_ptr<fanout::Node> node_;
  std::unique_ptr<Publisher> publisher_;
};

TEST_F(PublisherTest, AcceptsABatchAndNamesEachEvent) {
  const PublishResult result =
      publish({event("room", R"({"type":"a.b","n":1})"), event("nobody", R"({"type":"x"})"),
               event("room", R"({"n":2,"type":"c"})")});
  EXPECT_EQ(result.status, PublishStatus::kAccepted);
  EXPECT_EQ(std::set(result.ids.begin(), result.ids.end()).size(), 3u);
  EXPECT_EQ(delivered(),
            (std::vector<std::string>{R"({"type":"a_b","n":1})", R"({"n":2,"type":"c"})"}));
  EXPECT_EQ(count("accepted"), 3);
}

TEST_F(PublisherTest, NeverGivesAnIdTwice) {
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    for (const std::string& id : publish(some_news(3)).ids) EXPECT_TRUE(ids.insert(id).second);
    (void)delivered();
  }
  Publisher other(*node_, inbox_, idempotency_, registry_, {});
  other.publish(some_news(1), {},
                [&](const PublishResult& result) { EXPECT_FALSE(ids.contains(result.ids.at(0))); });
  run_posted();
}

TEST_F(PublisherTest, KeepsTheOrderOfItsCalls) {
  for (const char* text : {R"({"type":"a"})", R"({"type":"b"})", R"({"type":"c"})"}) {
    publisher_->publish(event("room", text));
  }
  run_posted();
  EXPECT_EQ(delivered(),
            (std::vector<std::string>{R"({"type":"a"})", R"({"type":"b"})", R"({"type":"c"})"}));
}

TEST_F(PublisherTest, SendsAndStoresNothingWithoutRoomForAll) {
  EXPECT_EQ(publish(some_news(kMailboxEventsMax - 1)).status, PublishStatus::kAccepted);
  auto batch = some_news(1);
  batch.push_back(std::move(*notify_user("7", value("{}"))));
  const PublishResult refused = publish(batch);
  EXPECT_EQ(refused.status, PublishStatus::kNoRoom);
  EXPECT_TRUE(refused.ids.empty());
  EXPECT_EQ(delivered().size(), kMailboxEventsMax - 1);
  EXPECT_EQ(count("no_room"), 2);
  inbox_.unread_count("7", [](uint64_t unread_count) { EXPECT_EQ(unread_count, 0u); });
  EXPECT_EQ(publish(batch).status, PublishStatus::kAccepted);
}

TEST_F(PublisherTest, AnswersAtOnceWhenTheNodeIsFull) {
  for (size_t i = 0; i < net::EventLoop::kPostedTasksMax; ++i) node_->post([] {});
  std::optional<PublishStatus> status;
  publisher_->publish(some_news(1), {},
                      [&](const PublishResult& result) { status = result.status; });
  EXPECT_EQ(status, PublishStatus::kNoRoom);
  std::optional<layer::SendOutcome> outcome;
  publisher_->send("jobs", nullptr, 0, [&](layer::SendOutcome sent) { outcome = sent; });
  EXPECT_EQ(outcome, layer::SendOutcome::kNoRoom);
  run_posted();
  EXPECT_TRUE(delivered().empty());
  (void)publish(some_news(1));
  EXPECT_EQ(count("no_room"), 1) << "counted with the next publish";
}

TEST_F(PublisherTest, SendsOnceForOneIdempotencyKey) {
  const PublishResult first = publish_with_key("key", "body");
  const PublishResult again = publish_with_key("key", "body");
  EXPECT_EQ(again.status, PublishStatus::kAccepted);
  EXPECT_EQ(again.ids, first.ids);
  EXPECT_EQ(delivered().size(), 1u);
  EXPECT_NE(publish_with_key("other", "body").ids, first.ids);
  EXPECT_EQ(delivered().size(), 1u);
}

TEST_F(PublisherTest, RefusesAKeyThatCameWithAnotherBody) {
  (void)publish_with_key("key", "body");
  const PublishResult reused = publish_with_key("key", "another");
  EXPECT_EQ(reused.status, PublishStatus::kKeyReused);
  EXPECT_TRUE(reused.ids.empty());
  EXPECT_EQ(delivered().size(), 1u);
}

TEST_F(PublisherTest, ForgetsAKeyAfterItsTime) {
  (void)publish_with_key("key", "body");
  clock_.advance_ms(IdempotencyTable::kRememberMs);
  EXPECT_EQ(publish_with_key("key", "another").status, PublishStatus::kAccepted);
  EXPECT_EQ(delivered().size(), 2u);
}

TEST_F(PublisherTest, DoesNotRememberTheKeyOfWhatItRefused) {
  (void)publish(some_news(kMailboxEventsMax));
  EXPECT_EQ(publish_with_key("key", "body").status, PublishStatus::kNoRoom);
  (void)delivered();
  EXPECT_EQ(publish_with_key("key", "body").status, PublishStatus::kAccepted);
  EXPECT_EQ(delivered().size(), 1u);
}

TEST_F(PublisherTest, AllowsEachPublisherItsRate) {
  EXPECT_EQ(publish_as("alice", 4), PublishStatus::kAccepted);
  EXPECT_EQ(publish_as("alice", 6), PublishStatus::kAccepted);
  EXPECT_EQ(publish_as("alice", 1), PublishStatus::kRateLimited);
  EXPECT_TRUE(delivered().empty());
  EXPECT_EQ(publish_as("bob", 1), PublishStatus::kAccepted);
  EXPECT_EQ(publish_as("", 11), PublishStatus::kAccepted) << "no key, no limit";
}

TEST_F(PublisherTest, AllowsABatchThatIsLargerThanTheRateByItself) {
  EXPECT_EQ(publish_as("alice", 11), PublishStatus::kAccepted);
  EXPECT_EQ(publish_as("alice", 1), PublishStatus::kRateLimited);
}

TEST_F(PublisherTest, RenewsTheRateEachSecond) {
  const auto node = std::move(*fanout::Node::make(clock_, registry_, logger_));
  node->set_layer(std::make_unique<layer::MemoryLayer>(layer::MemoryLayerOptions{}, *node, clock_));
  Publisher publisher(*node, inbox_, idempotency_, registry_, {.rate_per_s = 2});
  std::vector<PublishStatus> statuses;
  const auto publish_three = [&] {
    for (int i = 0; i < 3; ++i) {
      publisher.publish(some_news(1), {.idempotency = {}, .rate_key = "alice"},
                        [&](const PublishResult& result) { statuses.push_back(result.status); });
    }
  };
  publish_three();
  node->post([&] {
    clock_.advance_ms(1'000);
    publish_three();
    node->post([&] { node->loop().stop(); });
  });
  node->loop().run();
  const auto yes = PublishStatus::kAccepted;
  const auto no = PublishStatus::kRateLimited;
  EXPECT_EQ(statuses, (std::vector{yes, yes, no, yes, yes, no}));
}

TEST_F(PublisherTest, GivesNotificationsAnIdATimeAndTheUnreadCount) {
  clock_.set_wall_ms(1'795'379'185'007);
  std::vector<layer::Addressed> batch;
  batch.push_back(std::move(*notify_user("7", value(R"({"title":"Hi"})"))));
  batch.push_back(std::move(*notify_user("7", value(R"({"created_at":"then","id":"x"})"))));
  EXPECT_EQ(publish(std::move(batch)).status, PublishStatus::kAccepted);
  EXPECT_EQ(delivered(),
            (std::vector<std::string>{
                R"({"type":"notification","notification":{"title":"Hi","id":1,)"
                R"("created_at":"2026-11-22T20:26:25.007Z"},"unread_count":1})",
                R"({"type":"notification","notification":{"created_at":"then","id":"x"},)"
                R"("unread_count":2})"}));
}

TEST_F(PublisherTest, StoresOnlyNotificationsOfUsers) {
  (void)publish({event("room", R"({"type":"notification","notification":{}})"),
                 event("notifications_7", R"({"type":"news","notification":{}})"),
                 event("notifications_7", R"({"type":"notification","notification":"text"})")});
  for (const std::string& payload : delivered()) {
    EXPECT_EQ(payload.find("unread_count"), std::string::npos) << payload;
  }
}

TEST_F(PublisherTest, StaysWithinTheRoomItAskedForWhenItAddsToANotification) {
  layer::Addressed notification = std::move(*notify_user("7", value("{}")));
  const size_t reserved = notification.byte_count;
  (void)publish({std::move(notification)});
  const auto payloads = delivered();
  ASSERT_EQ(payloads.size(), 1u);
  EXPECT_LE(payloads[0].size() + 10, reserved) << "with the longest header of a frame";
}

TEST_F(PublisherTest, TellsEveryConnectionOfAUserTheNewUnreadCount) {
  (void)publish({std::move(*notify_user("7", value(R"({"id":1})")))});
  (void)publish({std::move(*notify_user("7", value(R"({"id":2})")))});
  (void)delivered();
  std::optional<uint64_t> unread_count;
  publisher_->mark_read("7", json::Value(1), [&](auto count) { unread_count = count; });
  run_posted();
  EXPECT_EQ(unread_count, 1u);
  EXPECT_EQ(delivered(), std::vector<std::string>{R"({"type":"unread_count","unread_count":1})"});
  publisher_->mark_all_read("7", [&](uint64_t count) { unread_count = count; });
  run_posted();
  EXPECT_EQ(unread_count, 0u);
  EXPECT_EQ(delivered(), std::vector<std::string>{R"({"type":"unread_count","unread_count":0})"});
  publisher_->unread_count("7", [&](uint64_t count) { unread_count = count + 100; });
  run_posted();
  EXPECT_EQ(unread_count, 100u);
}

TEST_F(PublisherTest, TellsNobodyOfAMarkForWhatIsNotThere) {
  std::optional<uint64_t> unread_count = 5;
  publisher_->mark_read("7", json::Value(1), [&](auto count) { unread_count = count; });
  run_posted();
  EXPECT_EQ(unread_count, std::nullopt);
  EXPECT_TRUE(delivered().empty());
}

TEST_F(PublisherTest, SendsToANamedChannel) {
  auto sent = std::make_shared<const layer::Event>(
      std::move(*layer::Event::make(value(R"({"type":"task"})"))));
  std::optional<layer::SendOutcome> outcome;
  publisher_->send("jobs", sent, 15, [&](layer::SendOutcome answer) { outcome = answer; });
  run_posted();
  EXPECT_EQ(outcome, layer::SendOutcome::kAccepted);
  layer::EventPtr received;
  node_->layer().receive("jobs", [&](layer::EventPtr event) { received = std::move(event); });
  EXPECT_EQ(received, sent);
}

}  // namespace
}  // namespace carillon::publish
