// A publisher whose layer answers later, in part, or not at all.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "carillon/inbox/memory_inbox.h"
#include "carillon/json/reader.h"
#include "carillon/layer/held_layer_test.h"
#include "carillon/publish/publisher.h"

namespace carillon::publish {
namespace {

using layer::SendOutcome;
using Strings = std::vector<std::string>;

json::Value value(std::string_view text) {
  auto parsed = json::parse(text);
  EXPECT_TRUE(parsed) << text;
  return std::move(*parsed);
}

// The loop runs on the test's thread; the layer answers when the test says so.
class PublisherAsyncTest : public testing::Test {
 protected:
  using Answer = std::shared_ptr<std::optional<PublishResult>>;

  PublisherAsyncTest() {
    node_ = std::move(*fanout::Node::make(clock_, registry_, logger_));
    worker_loop_ = std::move(*net::EventLoop::make(clock_));
    node_->attach(*worker_loop_, mailbox_);
    auto held = std::make_unique<layer::HeldLayer>();
    layer_ = held.get();
    node_->set_layer(std::move(held));
    node_->want(0, "notifications_7");
    make_publisher({});
  }
  void make_publisher(const PublisherSettings& settings) {
    publisher_ = std::make_unique<Publisher>(*node_, inbox_, idempotency_, registry_, settings);
    run_posted();
  }

  // A loop that is told to stop runs what was posted, then returns.
  void run_posted() {
    node_->loop().stop();
    node_->loop().run();
  }

  static layer::Addressed news(size_t text_bytes = 0) {
    json::Value event = value(R"({"type":"news"})");
    event.set("text", json::Value(std::string(text_bytes, 'x')));
    return std::move(*group_send("room", std::move(event)));
  }
  static layer::Addressed note(std::string_view text) {
    return std::move(*notify_user("7", value(text)));
  }
  // What the publisher is told, once it is.
  Answer publish(std::vector<layer::Addressed> batch, PublishOptions options = {}) {
    auto answer = std::make_shared<std::optional<PublishResult>>();
    publisher_->publish(std::move(batch), std::move(options), [answer](PublishResult result) {
      EXPECT_FALSE(answer->has_value()) << "told twice";
      *answer = std::move(result);
    });
    run_posted();
    return answer;
  }
  Answer publish_with_key(const std::string& key, const std::string& body_hash) {
    return publish({news()}, {.idempotency = IdempotencyKey{key, body_hash}, .rate_key = {}});
  }
  static std::optional<PublishStatus> status(const Answer& answer) {
    return *answer ? std::optional((*answer)->status) : std::nullopt;
  }
  void answer_next(SendOutcome outcome) { layer_->take().answer(outcome); }

  uint64_t unread_count() {
    uint64_t result = UINT64_MAX;
    inbox_.unread_count("7", [&](uint64_t count) { result = count; });
    return result;
  }
  // The payloads that the worker has got since it was asked last.
  Strings delivered() {
    std::vector<fanout::PreparedEventPtr> events;
    (void)mailbox_.take(SIZE_MAX, SIZE_MAX, events);
    Strings payloads;
    for (const auto& prepared : events) payloads.emplace_back(prepared->payload());
    return payloads;
  }
  int64_t count(const char* outcome) {
    return registry_.total("carillon_publishes_total", {{"outcome", outcome}});
  }

  FakeClock clock_;
  metrics::Registry registry_;
  log::Logger logger_;
  std::unique_ptr<net::EventLoop> worker_loop_;
  fanout::EventMailbox mailbox_{{}};
  inbox::MemoryInbox inbox_{{}, clock_};
  MemoryIdempotencyTable idempotency_{100, clock_};
  std::unique_ptr<fanout::Node> node_;
  layer::HeldLayer* layer_ = nullptr;
  std::unique_ptr<Publisher> publisher_;
};

TEST_F(PublisherAsyncTest, AnswersWhenTheLayerHasAnswered) {
  const Answer first = publish({news()});
  const Answer second = publish({news(), news()});
  EXPECT_EQ(status(first), std::nullopt);
  EXPECT_EQ(count("accepted"), 0);
  auto first_call = layer_->take();
  answer_next(SendOutcome::kAccepted);
  EXPECT_EQ(status(first), std::nullopt);
  ASSERT_EQ(status(second), PublishStatus::kAccepted);
  EXPECT_EQ((*second)->ids.size(), 2u);
  EXPECT_EQ(first_call.batch.size(), 1u) << "the batch lives until its answer";
  first_call.answer({.outcome = SendOutcome::kAccepted, .over_capacity_count = 3});
  ASSERT_EQ(status(first), PublishStatus::kAccepted);
  EXPECT_EQ((*first)->over_capacity_count, 3u);
  EXPECT_EQ(count("accepted"), 3);
  EXPECT_EQ(registry_.total("carillon_layer_over_capacity_total"), 3);
}

TEST_F(PublisherAsyncTest, SaysWhyTheLayerCannotBeReached) {
  layer_->present_trouble = "no server at redis.internal:6379: start it";
  const Answer refused = publish({news(), news()});
  ASSERT_EQ(status(refused), PublishStatus::kUnavailable);
  EXPECT_EQ((*refused)->trouble, "no server at redis.internal:6379: start it");
  EXPECT_TRUE((*refused)->ids.empty());
  EXPECT_TRUE(layer_->calls.empty());
  EXPECT_EQ(count("unavailable"), 2);

  layer_->present_trouble.clear();
  const Answer lost = publish({news()});
  layer_->present_trouble = "the connection was lost";
  answer_next(SendOutcome::kUnavailable);
  EXPECT_EQ((*lost)->trouble, "the connection was lost");
  layer_->present_trouble.clear();
  const Answer full = publish({news()});
  layer_->take().answer({.outcome = SendOutcome::kUnavailable, .trouble = "out of memory"});
  EXPECT_EQ((*full)->trouble, "out of memory");
  EXPECT_EQ(count("unavailable"), 4);
}

TEST_F(PublisherAsyncTest, TellsWhichOfABatchWereAccepted) {
  const Answer partial = publish({news(), note("{}"), note(R"({"id":"x"})")});
  layer_->take().answer(
      {.outcomes = {SendOutcome::kAccepted, SendOutcome::kUnavailable, SendOutcome::kAccepted}});
  ASSERT_EQ(status(partial), PublishStatus::kPartial);
  const Strings& ids = (*partial)->ids;
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_FALSE(ids[0].empty());
  EXPECT_TRUE(ids[1].empty());
  EXPECT_FALSE(ids[2].empty());
  EXPECT_EQ(count("accepted"), 2);
  EXPECT_EQ(count("unavailable"), 1);
  EXPECT_EQ(unread_count(), 1u) << "only what was sent is stored";
}

TEST_F(PublisherAsyncTest, HoldsJustItsNumberOfEventsUnderWay) {
  make_publisher({.under_way_events_max = 3});
  const Answer first = publish({news()});
  EXPECT_EQ(status(publish({news(), news(), news()})), PublishStatus::kNoRoom);
  const Answer second = publish({news(), news()});
  EXPECT_EQ(status(publish({news()})), PublishStatus::kNoRoom);
  EXPECT_EQ(layer_->calls.size(), 2u);
  answer_next(SendOutcome::kAccepted);
  const Answer third = publish({news()});
  EXPECT_EQ(layer_->calls.size(), 2u);
  while (!layer_->calls.empty()) answer_next(SendOutcome::kAccepted);
  EXPECT_EQ(status(third), PublishStatus::kAccepted);
  const Answer large = publish(std::vector(10, news()));
  EXPECT_EQ(layer_->calls.size(), 1u) << "one alone is never too large";
}

TEST_F(PublisherAsyncTest, HoldsJustItsBytesUnderWay) {
  const size_t one = news().byte_count;
  make_publisher({.under_way_bytes_max = 2 * one});
  const Answer first = publish({news()});
  EXPECT_EQ(status(publish({news(1)})), PublishStatus::kNoRoom);
  const Answer second = publish({news()});
  EXPECT_EQ(layer_->calls.size(), 2u);
  while (!layer_->calls.empty()) answer_next(SendOutcome::kAccepted);
  const Answer large = publish({news(10 * one)});
  EXPECT_EQ(layer_->calls.size(), 1u) << "one alone is never too large";
}

TEST_F(PublisherAsyncTest, CountsMessagesToChannelsAmongWhatIsUnderWay) {
  make_publisher({.under_way_events_max = 1});
  std::vector<SendOutcome> outcomes;
  for (int i = 0; i < 2; ++i) {
    publisher_->send("jobs", news().event, 100,
                     [&](SendOutcome outcome) { outcomes.push_back(outcome); });
  }
  run_posted();
  EXPECT_EQ(outcomes, std::vector{SendOutcome::kNoRoom});
  answer_next(SendOutcome::kChannelFull);
  EXPECT_EQ(outcomes, (std::vector{SendOutcome::kNoRoom, SendOutcome::kChannelFull}));
  const Answer after = publish({news()});
  EXPECT_EQ(layer_->calls.size(), 1u);
}

TEST_F(PublisherAsyncTest, AnswersTheSameRequestsTogetherAndSendsOnce) {
  const Answer first = publish_with_key("key", "body");
  const Answer again = publish_with_key("key", "body");
  const Answer reused = publish_with_key("key", "another");
  const Answer other = publish_with_key("other", "body");
  EXPECT_EQ(layer_->calls.size(), 2u);
  EXPECT_EQ(status(again), std::nullopt);
  EXPECT_EQ(status(reused), PublishStatus::kKeyReused);
  answer_next(SendOutcome::kAccepted);
  ASSERT_EQ(status(first), PublishStatus::kAccepted);
  ASSERT_EQ(status(again), PublishStatus::kAccepted);
  EXPECT_EQ((*first)->ids, (*again)->ids);
  const Answer later = publish_with_key("key", "body");
  ASSERT_EQ(status(later), PublishStatus::kAccepted);
  EXPECT_EQ((*later)->ids, (*first)->ids);
  EXPECT_EQ(status(publish_with_key("key", "another")), PublishStatus::kKeyReused);
  EXPECT_EQ(layer_->calls.size(), 1u);
}

TEST_F(PublisherAsyncTest, ForgetsAKeyWhoseRequestFailed) {
  const Answer first = publish_with_key("key", "body");
  const Answer again = publish_with_key("key", "body");
  layer_->take().answer({.outcome = SendOutcome::kUnavailable, .trouble = "gone"});
  EXPECT_EQ(status(first), PublishStatus::kUnavailable);
  EXPECT_EQ(status(again), PublishStatus::kUnavailable);
  EXPECT_EQ((*again)->trouble, "gone");
  EXPECT_EQ(count("unavailable"), 2) << "as many as were told";
  const Answer retry = publish_with_key("key", "body");
  answer_next(SendOutcome::kAccepted);
  EXPECT_EQ(status(retry), PublishStatus::kAccepted);
}

TEST_F(PublisherAsyncTest, RemembersWhichOfABatchWereAccepted) {
  const PublishOptions options{.idempotency = IdempotencyKey{"key", "body"}, .rate_key = {}};
  const Answer first = publish({news(), news()}, options);
  layer_->take().answer({.outcomes = {SendOutcome::kUnavailable, SendOutcome::kAccepted}});
  const Answer again = publish({news(), news()}, options);
  ASSERT_EQ(status(again), PublishStatus::kPartial);
  EXPECT_EQ((*again)->ids, (*first)->ids);
}

// A table that nodes share, as one of them sees it; claims are answered by the test.
class SharedTable final : public IdempotencyTable {
 public:
  void claim(const IdempotencyKey&, OnClaim then) override { claims.push_back(std::move(then)); }
  void remember(const IdempotencyKey& key, Strings) override {
    log.push_back("remember " + key.key);
  }
  void forget(const IdempotencyKey& key) override { log.push_back("forget " + key.key); }

  std::vector<OnClaim> claims;
  Strings log;
};

class SharedIdempotencyTest : public PublisherAsyncTest {
 protected:
  SharedIdempotencyTest() {
    publisher_ = std::make_unique<Publisher>(*node_, inbox_, table_, registry_,
                                             PublisherSettings{.rate_per_s = 1});
  }
  Answer claim(Claim claimed, const std::string& rate_key = {}) {
    const Answer answer =
        publish({news()}, {.idempotency = IdempotencyKey{"key", "body"}, .rate_key = rate_key});
    EXPECT_EQ(status(answer), std::nullopt) << "until the table has answered";
    table_.claims.back()(std::move(claimed));
    return answer;
  }

  SharedTable table_;
};

TEST_F(SharedIdempotencyTest, SendsNothingThatAnotherNodeHasAnswered) {
  const Answer known = claim({.outcome = ClaimOutcome::kKnown, .ids = {"id"}});
  ASSERT_EQ(status(known), PublishStatus::kAccepted);
  EXPECT_EQ((*known)->ids, Strings{"id"});
  EXPECT_EQ(status(claim({.outcome = ClaimOutcome::kOtherBody})), PublishStatus::kKeyReused);
  EXPECT_EQ(status(claim({.outcome = ClaimOutcome::kInProgress})), PublishStatus::kKeyInProgress);
  EXPECT_EQ(count("key_in_progress"), 1);
  EXPECT_EQ(status(claim({.outcome = ClaimOutcome::kUnavailable})), PublishStatus::kUnavailable);
  EXPECT_TRUE(layer_->calls.empty());
  EXPECT_TRUE(table_.log.empty()) << "the key is another's";
}

TEST_F(SharedIdempotencyTest, EndsEachClaimOfItsOwn) {
  const Answer accepted = claim({});
  answer_next(SendOutcome::kAccepted);
  EXPECT_EQ(status(accepted), PublishStatus::kAccepted);
  const Answer refused = claim({});
  answer_next(SendOutcome::kUnavailable);
  (void)claim({}, "alice");
  answer_next(SendOutcome::kAccepted);
  const Answer too_many = claim({}, "alice");
  EXPECT_EQ(status(too_many), PublishStatus::kRateLimited);
  EXPECT_EQ(table_.log, (Strings{"remember key", "forget key", "remember key", "forget key"}));
}

TEST_F(PublisherAsyncTest, TakesBackANotificationThatWasRefused) {
  const Answer refused = publish({note(R"({"id":1})")});
  EXPECT_EQ(unread_count(), 1u) << "stored first: the frame says the count";
  answer_next(SendOutcome::kUnavailable);
  EXPECT_EQ(status(refused), PublishStatus::kUnavailable);
  EXPECT_EQ(unread_count(), 0u);
  std::optional<uint64_t> marked = 99;
  publisher_->mark_read("7", json::Value(1),
                        [&](std::optional<uint64_t> count) { marked = count; });
  run_posted();
  EXPECT_EQ(marked, std::nullopt);
}

TEST_F(PublisherAsyncTest, CorrectsTheCountThatALaterNotificationHasTold) {
  (void)publish({note(R"({"id":1})")});
  (void)publish({note(R"({"id":2})")});
  auto first = layer_->take();
  auto second = layer_->take();
  second.answer(SendOutcome::kAccepted);
  EXPECT_EQ(delivered(), Strings{});
  first.answer(SendOutcome::kUnavailable);
  EXPECT_EQ(delivered(), Strings{R"({"type":"unread_count","unread_count":1})"});
}

TEST_F(PublisherAsyncTest, TellsTheCountAgainAfterFramesThatWereUnderWay) {
  (void)publish({note(R"({"id":1})")});
  publisher_->mark_all_read("7", [](uint64_t) {});
  run_posted();
  EXPECT_EQ(delivered(), Strings{R"({"type":"unread_count","unread_count":0})"});
  answer_next(SendOutcome::kAccepted);
  EXPECT_EQ(delivered(), Strings{R"({"type":"unread_count","unread_count":0})"});
  (void)publish({note(R"({"id":2})")});
  answer_next(SendOutcome::kAccepted);
  EXPECT_EQ(delivered(), Strings{}) << "its own frame has told";
}

TEST_F(PublisherAsyncTest, TellsTheCountToThisNodeAlone) {
  inbox_.add("7", value(R"({"id":1})"), [](const inbox::Stored&) {});
  publisher_->mark_read("7", json::Value(1), [](std::optional<uint64_t>) {});
  run_posted();
  EXPECT_EQ(delivered().size(), 1u);
  EXPECT_TRUE(layer_->calls.empty()) << "other nodes have inboxes of their own";
}

}  // namespace
}  // namespace carillon::publish
