#include "carillon/consumer/relay_consumer.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "carillon/inbox/memory_inbox.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"
#include "carillon/layer/held_layer_test.h"
#include "carillon/layer/memory_layer.h"
#include "carillon/publish/publisher.h"

namespace carillon::consumer {
namespace {

using Strings = std::vector<std::string>;

fanout::PreparedEventPtr event_of(std::string_view type) {
  auto event = layer::Event::make(type, json::Value::object());
  EXPECT_TRUE(event);
  return fanout::prepare({"group", std::make_shared<const layer::Event>(std::move(*event))}, 1);
}

// A connection that writes down what its consumer does.
class RecordingPeer final : public Peer {
 public:
  RecordingPeer(const Endpoint& endpoint, publish::Publisher& publisher)
      : port_(std::make_shared<Port>(*this)), endpoint_(endpoint), publisher_(publisher) {}

  const auth::Identity& user() const override { return identity_; }
  const Endpoint& endpoint() const override { return endpoint_; }
  const Strings& params() const override { return path_params; }
  const http::Request* request() const override { return nullptr; }
  void accept() override { log.emplace_back("accept"); }
  void deny(int status, std::string_view, std::string_view code) override {
    log.push_back("deny " + std::to_string(status) + " " + std::string(code));
  }
  void send(std::string_view text) override { log.emplace_back(text); }
  void send_bytes(ByteView) override {}
  void send_frame(const fanout::FramePtr& frame, uint32_t) override {
    log.push_back(frame->substr(2));
  }
  void send_event(const fanout::PreparedEventPtr& event) override {
    log.emplace_back(event->payload());
  }
  void close(ws::CloseCode, std::string_view) override { log.emplace_back("close"); }
  bool group_add(std::string_view group) override {
    log.push_back("join " + std::string(group));
    return true;
  }
  void group_discard(std::string_view) override {}
  std::vector<fanout::PreparedEventPtr> state_of(std::string_view group) override {
    return states[std::string(group)];
  }
  PeerHandle handle() override { return {port_, {}}; }
  std::string reply_channel() const override { return "gw.test!c0.1.2"; }
  publish::Publisher& publisher() override { return publisher_; }
  net::BlockingPool& blocking_pool() override { return blocking_pool_; }

  Strings log;
  Strings path_params;
  std::map<std::string, std::vector<fanout::PreparedEventPtr>> states;

 private:
  class Port final : public PeerPort {
   public:
    explicit Port(Peer& peer) : peer_(peer) {}
    void post(SessionId, UniqueFunction<void(Peer&)> work) override { work(peer_); }

   private:
    Peer& peer_;
  };
  const std::shared_ptr<Port> port_;
  const Endpoint& endpoint_;
  publish::Publisher& publisher_;
  const auth::Identity identity_{.user_id = "7"};
  net::BlockingPool blocking_pool_{0, 0};
};

class RelayConsumerTest : public testing::Test {
 protected:
  RelayConsumerTest() {
    auto node = fanout::Node::make(clock_, registry_, logger_);
    EXPECT_TRUE(node);
    node_ = std::move(*node);
    node_->set_layer(
        std::make_unique<layer::MemoryLayer>(layer::MemoryLayerOptions{}, *node_, clock_));
    publisher_ = std::make_unique<publish::Publisher>(*node_, inbox_, idempotency_, registry_,
                                                      publish::PublisherSettings{});
  }

  // A loop that is told to stop runs what was posted, then returns.
  void run_posted() {
    node_->loop().stop();
    node_->loop().run();
  }

  // A connection to the endpoint that `settings` describe, before connect().
  void open(config::EndpointSettings settings, Strings params = {}) {
    settings.allow = {"authenticated"};
    ASSERT_TRUE(add_relay_endpoint(table_, settings));
    const Endpoint& endpoint = *table_.all().back();
    peer_ = std::make_unique<RecordingPeer>(endpoint, *publisher_);
    peer_->path_params = std::move(params);
    consumer_ = endpoint.make_consumer();
    consumer_->bind(*peer_);
  }
  Strings take_log() { return std::exchange(peer_->log, {}); }
  Strings answers_to(std::string_view message) {
    consumer_->receive(message);
    run_posted();
    return take_log();
  }
  // The codes of the errors that `message` is answered with.
  std::string error_code(std::string_view message) {
    const Strings answers = answers_to(message);
    if (answers.size() != 1) return std::to_string(answers.size()) + " answers";
    const auto answer = json::parse(answers[0]);
    EXPECT_EQ(*answer->find("type")->as_string(), "error");
    return *answer->find("code")->as_string();
  }

  FakeClock clock_;
  metrics::Registry registry_;
  log::Logger logger_;
  inbox::MemoryInbox inbox_{{}, clock_};
  publish::MemoryIdempotencyTable idempotency_{100, clock_};
  std::unique_ptr<fanout::Node> node_;
  std::unique_ptr<publish::Publisher> publisher_;
  EndpointTable table_;
  std::unique_ptr<RecordingPeer> peer_;
  std::unique_ptr<Consumer> consumer_;
};

TEST_F(RelayConsumerTest, JoinsBeforeItGreets) {
  open({.path = "/ws/a/{id}/", .groups = {"a_{id}", "all"}, .greeting = "Hello"}, {"42"});
  consumer_->connect();
  EXPECT_EQ(take_log(), (Strings{"join a_42", "join all", "accept",
                                 R"({"type":"connection_established","message":"Hello"})"}));
}

TEST_F(RelayConsumerTest, GreetsWithoutAMessageWhenItHasNone) {
  open({.path = "/ws/a/"});
  consumer_->connect();
  EXPECT_EQ(take_log(), (Strings{"accept", R"({"type":"connection_established"})"}));
}

TEST_F(RelayConsumerTest, DeniesAParameterThatMakesNoGroup) {
  open({.path = "/ws/a/{id}/", .groups = {"a_{id}"}}, {"not a name"});
  consumer_->connect();
  EXPECT_EQ(take_log(), Strings{"deny 404 not_found"});
}

TEST_F(RelayConsumerTest, SendsTheKnownStatesAfterTheGreeting) {
  open({.path = "/ws/a/", .groups = {"x", "y"}});
  peer_->states["x"] = {event_of("board"), event_of("weather")};
  peer_->states["y"] = {event_of("time")};
  consumer_->connect();
  EXPECT_EQ(take_log(),
            (Strings{"join x", "join y", "accept", R"({"type":"connection_established"})",
                     R"({"type":"board"})", R"({"type":"weather"})", R"({"type":"time"})"}));
}

TEST_F(RelayConsumerTest, GreetsWithTheUnreadCountOfTheUserThenSendsStates) {
  inbox_.add("7", json::Value::object(), [](const inbox::Stored&) {});
  open({.path = "/ws/a/", .groups = {"n_{user_id}"}, .greeting = "Hi", .unread_count = true});
  peer_->states["n_7"] = {event_of("board")};
  consumer_->connect();
  EXPECT_EQ(take_log(), Strings{"join n_7"}) << "the count is asked for first";
  run_posted();
  EXPECT_EQ(
      take_log(),
      (Strings{"accept", R"({"type":"connection_established","message":"Hi","unread_count":1})",
               R"({"type":"board"})"}));
}

TEST_F(RelayConsumerTest, RelaysEveryEventUnlessOnlyListedOnesPass) {
  open({.path = "/ws/a/", .event_types = {"listed"}});
  consumer_->event(event_of("listed"));
  consumer_->event(event_of("other"));
  EXPECT_EQ(take_log(), (Strings{R"({"type":"listed"})", R"({"type":"other"})"}));
}

TEST_F(RelayConsumerTest, DropsWhatIsNotListed) {
  open({.path = "/ws/a/",
        .state_types = {"board"},
        .relay = "listed",
        .event_types = {"listed_type"}});
  const Endpoint& endpoint = *table_.all().back();
  EXPECT_TRUE(endpoint.relays("listed_type"));
  EXPECT_TRUE(endpoint.relays("board"));
  EXPECT_FALSE(endpoint.relays("other"));
}

TEST_F(RelayConsumerTest, AppliesItsRulesToStatesToo) {
  open({.path = "/ws/a/", .groups = {"g"}, .relay = "listed"});
  peer_->states["g"] = {event_of("other")};
  consumer_->connect();
  EXPECT_EQ(take_log(), (Strings{"join g", "accept", R"({"type":"connection_established"})"}));
}

TEST_F(RelayConsumerTest, EchoesTheTimestampOfAPingAsItCame) {
  open({.path = "/ws/a/", .client_messages = {"ping"}});
  const std::map<std::string, std::string> pongs = {
      {R"({"type":"ping","timestamp":1.0})", R"({"type":"pong","timestamp":1.0})"},
      {R"({"type":"ping","timestamp":18446744073709551616})",
       R"({"type":"pong","timestamp":18446744073709551616})"},
      {R"({"timestamp":{"b":[1,"x"],"a":null},"type":"ping"})",
       R"({"type":"pong","timestamp":{"b":[1,"x"],"a":null}})"},
      {R"({"type":"ping"})", R"({"type":"pong","timestamp":null})"},
      {R"({"type":"ping","more":1})", R"({"type":"pong","timestamp":null})"},
  };
  for (const auto& [ping, pong] : pongs) EXPECT_EQ(answers_to(ping), Strings{pong}) << ping;
}

TEST_F(RelayConsumerTest, NamesWhatIsWrongWithAMessage) {
  open({.path = "/ws/a/", .client_messages = {"ping", "mark_read"}});
  for (const char* message : {"", "{", "[]", "1", "\"ping\"", "null", R"({"type":"ping"}x)",
                              R"({"type":"ping","type":"ping"})"}) {
    EXPECT_EQ(error_code(message), "invalid_json") << message;
  }
  for (const char* message : {"{}", R"({"type":1})", R"({"type":null})", R"({"type":"mark_read"})",
                              R"({"type":"mark_read","notification_id":1.5})",
                              R"({"type":"mark_read","notification_id":null})",
                              R"({"type":"mark_read","notification_id":[1]})"}) {
    EXPECT_EQ(error_code(message), "invalid_field") << message;
  }
  for (const char* message : {R"({"type":"secret text"})", R"({"type":"mark_all_read"})",
                              R"({"type":""})", R"({"type":"Ping"})"}) {
    EXPECT_EQ(error_code(message), "unknown_type") << message;
  }
  EXPECT_EQ(error_code(R"({"type":"mark_read","notification_id":1})"), "not_found");
}

TEST_F(RelayConsumerTest, NeverEchoesTheMessageThatItRefuses) {
  open({.path = "/ws/a/"});
  for (const char* message : {"hush", R"({"type":"hush"})", R"({"hush":1})"}) {
    const Strings answers = answers_to(message);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].find("hush"), std::string::npos);
  }
}

TEST_F(RelayConsumerTest, MarksNotificationsRead) {
  for (int i = 0; i < 3; ++i) {
    inbox_.add("7", json::Value::object(), [](const inbox::Stored&) {});
  }
  open({.path = "/ws/a/", .client_messages = {"mark_read", "mark_all_read"}});
  const auto unread_count = [&] {
    uint64_t result = 99;
    inbox_.unread_count("7", [&](uint64_t count) { result = count; });
    return result;
  };
  // The answer is the event `unread_count`, which comes to the group.
  EXPECT_EQ(answers_to(R"({"type":"mark_read","notification_id":2})"), (Strings{}));
  EXPECT_EQ(unread_count(), 2u);
  EXPECT_EQ(error_code(R"({"type":"mark_read","notification_id":"2"})"), "not_found");
  EXPECT_EQ(answers_to(R"({"type":"mark_all_read"})"), (Strings{}));
  EXPECT_EQ(unread_count(), 0u);
}

TEST_F(RelayConsumerTest, ForwardsTheMessagesThatAreNotItsOwn) {
  open({.name = "course",
        .path = "/ws/course/{id}/",
        .client_messages = {"ping"},
        .forward_to = "backend",
        .forward_type = "course.message"},
       {"42"});
  EXPECT_EQ(answers_to(R"({"type":"ping"})"), Strings{R"({"type":"pong","timestamp":null})"});
  EXPECT_EQ(answers_to(R"({"type":"websocket.disconnect","x":1})"), Strings{});
  layer::EventPtr received;
  node_->layer().receive("backend", [&](layer::EventPtr event) { received = std::move(event); });
  ASSERT_NE(received, nullptr);
  EXPECT_EQ(json::to_json(received->object()),
            R"({"type":"course.message","endpoint":"course","user_id":"7","params":{"id":"42"},)"
            R"("message":{"type":"websocket.disconnect","x":1},"reply_channel":"gw.test!c0.1.2"})");
}

TEST_F(RelayConsumerTest, ForwardsNoMessageThatIsNotAnObjectWithAType) {
  open({.path = "/ws/a/", .forward_to = "backend"});
  EXPECT_EQ(error_code("[]"), "invalid_json");
  EXPECT_EQ(error_code(R"({"type":1})"), "invalid_field");
}

TEST_F(RelayConsumerTest, TellsAClientWhoseMessageCouldNotBeForwarded) {
  open({.path = "/ws/a/", .forward_to = "backend"});
  for (size_t i = 0; i < layer::MemoryLayerOptions{}.capacity; ++i) {
    ASSERT_EQ(answers_to(R"({"type":"hush"})"), Strings{});
  }
  EXPECT_EQ(error_code(R"({"type":"hush"})"), "overloaded");
  auto held = std::make_unique<layer::HeldLayer>();
  layer::HeldLayer& layer = *held;
  node_->set_layer(std::move(held));
  EXPECT_EQ(answers_to(R"({"type":"hush"})"), Strings{}) << "until the layer has answered";
  EXPECT_EQ(layer.calls.front().channel, "backend");
  layer.take().answer(layer::SendOutcome::kUnavailable);
  const Strings answers = take_log();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].starts_with(R"({"type":"error","code":"unavailable")")) << answers[0];
  EXPECT_EQ(answers[0].find("hush"), std::string::npos);
}

TEST(RelayEndpoint, RefusesToForwardAsATypeOfTheServersOwn) {
  EndpointTable table;
  config::EndpointSettings settings{.path = "/ws/a/", .forward_type = "pong"};
  EXPECT_TRUE(add_relay_endpoint(table, settings)) << "when nothing is forwarded";
  settings.forward_to = "backend";
  EXPECT_FALSE(add_relay_endpoint(table, settings));
}

TEST(RelayEndpoint, AlwaysLetsTheUnreadCountPass) {
  EndpointTable table;
  const config::EndpointSettings settings{.path = "/ws/a/", .relay = "listed"};
  ASSERT_TRUE(add_relay_endpoint(table, settings));
  EXPECT_TRUE(table.all().front()->relays("unread_count"));
  EXPECT_FALSE(table.all().front()->relays("notification"));
}

TEST(RelayRules, PassNoClientMessageThatIsNotNamed) {
  const RelayRules rules(config::EndpointSettings{.client_messages = {"ping"}});
  EXPECT_TRUE(rules.allows_message("ping"));
  EXPECT_FALSE(rules.allows_message("mark_read"));
  EXPECT_FALSE(rules.allows_message(""));
}

TEST(ErrorText, IsAnErrorWithItsCode) {
  EXPECT_EQ(error_text("not_found", "No \"x\"."),
            R"({"type":"error","code":"not_found","message":"No \"x\"."})");
}

}  // namespace
}  // namespace carillon::consumer
