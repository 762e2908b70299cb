#include "carillon/fanout/node.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "carillon/layer/memory_layer.h"

namespace carillon::fanout {
namespace {

// A node with two workers' mailboxes, run on the test's own thread.
class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    auto node = Node::make(clock_, registry_, logger_,
                           {.state_types = {"board"}, .waiting = kWaitingLimits});
    auto worker_loop = net::EventLoop::make(clock_);
    EXPECT_TRUE(node && worker_loop);
    worker_loop_ = std::move(*worker_loop);
    node_ = std::move(*node);
    node_->attach(*worker_loop_, first_);
    node_->attach(*worker_loop_, second_);
    node_->set_layer(
        std::make_unique<layer::MemoryLayer>(layer::MemoryLayerOptions{}, *node_, clock_));
  }

  // A loop that is told to stop runs what was posted, then returns.
  void run_posted() {
    node_->loop().stop();
    node_->loop().run();
  }
  void want(size_t worker, const std::string& group) {
    node_->want(worker, group);
    run_posted();
  }

  static layer::Addressed to(std::string group, std::string_view type = "news") {
    auto event = layer::Event::make(type, json::Value::object());
    EXPECT_TRUE(event);
    return {std::move(group), std::make_shared<const layer::Event>(std::move(*event)), 100};
  }
  layer::SendOutcome send(std::vector<layer::Addressed> batch) {
    auto outcome = layer::SendOutcome::kUnavailable;
    node_->layer().group_send(batch,
                              [&](const layer::SendResult& result) { outcome = result.outcome; });
    return outcome;
  }
  static std::vector<PreparedEventPtr> take_all(EventMailbox& mailbox) {
    std::vector<PreparedEventPtr> events;
    (void)mailbox.take(SIZE_MAX, SIZE_MAX, events);
    return events;
  }

  static constexpr EventMailboxLimits kLimits{.events_max = 4, .bytes_max = 1000};
  static constexpr WaitingLimits kWaitingLimits{.events_max = 3, .bytes_max = 1000};
  FakeClock clock_;
  metrics::Registry registry_;
  std::vector<std::string> log_;
  log::Logger logger_{{.write = [this](std::string_view line) { log_.emplace_back(line); }}};
  std::unique_ptr<net::EventLoop> worker_loop_;
  EventMailbox first_{kLimits};
  EventMailbox second_{kLimits};
  std::unique_ptr<Node> node_;
};

TEST_F(NodeTest, BringsAnEventToTheWorkersThatWantItsGroup) {
  want(1, "room");
  EXPECT_EQ(send({to("room"), to("hall")}), layer::SendOutcome::kAccepted);
  EXPECT_TRUE(first_.is_empty());
  const auto events = take_all(second_);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->group, "room");
  EXPECT_EQ(events[0]->payload(), R"({"type":"news"})");
  EXPECT_EQ(events[0]->state_key, 0u);
}

TEST_F(NodeTest, RendersOnceForAllWorkers) {
  want(0, "room");
  want(1, "room");
  (void)send({to("room")});
  EXPECT_EQ(take_all(first_), take_all(second_));
}

TEST_F(NodeTest, StopsWhenAWorkerNoLongerWantsAGroup) {
  want(0, "room");
  want(1, "room");
  node_->unwant(0, "room");
  node_->unwant(0, "room");
  node_->unwant(0, "never wanted");
  run_posted();
  (void)send({to("room")});
  EXPECT_TRUE(first_.is_empty());
  EXPECT_EQ(second_.event_count(), 1u);
}

TEST_F(NodeTest, KeepsTheOrderOfABatch) {
  want(0, "a");
  want(0, "b");
  (void)send({to("a", "one"), to("b", "two"), to("a", "three")});
  const auto events = take_all(first_);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0]->type, "one");
  EXPECT_EQ(events[1]->type, "two");
  EXPECT_EQ(events[2]->type, "three");
}

TEST_F(NodeTest, TakesAllOfABatchOrNothing) {
  want(0, "a");
  want(1, "a");
  want(1, "b");
  EXPECT_EQ(send({to("b"), to("b"), to("b")}), layer::SendOutcome::kAccepted);
  EXPECT_EQ(send({to("a"), to("a")}), layer::SendOutcome::kNoRoom);
  EXPECT_EQ(first_.event_count(), 0u) << "though the first worker had room for both";
  EXPECT_EQ(second_.event_count(), 3u);
  EXPECT_EQ(send({to("a")}), layer::SendOutcome::kAccepted);
  EXPECT_EQ(first_.event_count(), 1u);
  EXPECT_EQ(second_.event_count(), 4u);
}

TEST_F(NodeTest, CountsTheBytesOfABatchTogether) {
  want(0, "a");
  (void)send({to("a")});
  const size_t here = take_all(first_).front()->frame->size();
  (void)send({to("a")});
  layer::Addressed large = to("a");
  large.byte_count = (kLimits.bytes_max - here) / 2;
  EXPECT_TRUE(node_->has_room(std::vector{large, large}));
  large.byte_count += 1;
  EXPECT_FALSE(node_->has_room(std::vector{large, large}));
  EXPECT_TRUE(node_->has_room(std::vector{large}));
}

TEST_F(NodeTest, HasRoomForGroupsThatNobodyWants) {
  want(0, "a");
  for (int i = 0; i < 4; ++i) (void)send({to("a")});
  EXPECT_EQ(send({to("a")}), layer::SendOutcome::kNoRoom);
  EXPECT_EQ(send({to("nobody"), to("nobody")}), layer::SendOutcome::kAccepted);
}

TEST_F(NodeTest, BringsStatesToAllWorkersThoughNobodyWantsThem) {
  EXPECT_EQ(send({to("room", "board")}), layer::SendOutcome::kAccepted);
  EXPECT_EQ(first_.event_count(), 1u);
  EXPECT_EQ(second_.event_count(), 1u);
}

TEST_F(NodeTest, KnowsAStateByItsHandlerName) {
  auto node = Node::make(clock_, registry_, logger_, {.state_types = {"board_update"}});
  ASSERT_TRUE(node);
  EventMailbox mailbox(kLimits);
  (*node)->attach(*worker_loop_, mailbox);
  (*node)->deliver(to("room", "board.update"));
  const auto events = take_all(mailbox);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->type, "board_update");
  EXPECT_NE(events[0]->state_key, 0u);
}

TEST_F(NodeTest, GivesStatesOneKeyForEachGroupAndType) {
  (void)send({to("room", "board"), to("hall", "board"), to("room", "board")});
  const auto events = take_all(first_);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_NE(events[0]->state_key, events[1]->state_key);
  EXPECT_EQ(events[0]->state_key, events[2]->state_key);
}

TEST_F(NodeTest, NeverGivesTheKeyOfOneGroupToAnother) {
  std::vector<uint32_t> keys;
  for (int i = 0; i < 100'002; ++i) {
    node_->deliver(to("g" + std::to_string(i), "board"));
    for (const auto& event : take_all(first_)) keys.push_back(event->state_key);
    (void)take_all(second_);
  }
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
}

TEST_F(NodeTest, RunsOnAThreadOfItsOwn) {
  node_->start();
  node_->want(0, "room");
  std::promise<layer::SendOutcome> outcome;
  node_->post([&] { outcome.set_value(send({to("room")})); });
  EXPECT_EQ(outcome.get_future().get(), layer::SendOutcome::kAccepted);
  EXPECT_EQ(first_.event_count(), 1u) << "want() was posted first";
  bool has_run = false;
  node_->post([&] { has_run = true; });
  node_->stop();
  EXPECT_TRUE(has_run) << "what was posted before stop() is run";
  node_->stop();
}

}  // namespace
}  // namespace carillon::fanout
