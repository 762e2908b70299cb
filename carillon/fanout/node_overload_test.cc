// What a node does with events that a worker's mailbox has no room for, and how it stops.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "carillon/fanout/node.h"
#include "carillon/layer/held_layer_test.h"
#include "carillon/layer/memory_layer.h"

namespace carillon::fanout {
namespace {

using Strings = std::vector<std::string>;

layer::Addressed to(std::string group, std::string_view type, size_t extra_bytes = 0) {
  json::Value fields = json::Value::object();
  if (extra_bytes > 0) fields.set("text", json::Value(std::string(extra_bytes, 'x')));
  auto event = layer::Event::make(type, std::move(fields));
  EXPECT_TRUE(event);
  return {std::move(group), std::make_shared<const layer::Event>(std::move(*event)), 100};
}

// A node with two workers, whose mailboxes hold four events and whose queues hold three more. It
// runs on the test's thread, as do the workers.
class NodeOverloadTest : public testing::Test {
 protected:
  NodeOverloadTest() {
    auto node =
        Node::make(clock_, registry_, logger_,
                   {.state_types = {"board"}, .waiting = {.events_max = 3, .bytes_max = 2'000}});
    auto worker_loop = net::EventLoop::make(clock_);
    EXPECT_TRUE(node && worker_loop);
    worker_loop_ = std::move(*worker_loop);
    node_ = std::move(*node);
    for (EventMailbox& mailbox : mailboxes_) node_->attach(*worker_loop_, mailbox);
    node_->set_layer(
        std::make_unique<layer::MemoryLayer>(layer::MemoryLayerOptions{}, *node_, clock_));
    for (const char* group : {"room", "hall"}) node_->want(0, group);
    run_posted();
  }

  // A loop that is told to stop runs what was posted, then returns.
  void run_posted() {
    node_->loop().stop();
    node_->loop().run();
  }
  // From outside: nobody asks whether there is room.
  void deliver(const Strings& types, const std::string& group = "room") {
    for (const std::string& type : types) node_->deliver(to(group, type));
  }
  // What a worker finds in its mailbox: types of events, and groups with a gap.
  Strings take(size_t count, size_t worker = 0) {
    std::vector<PreparedEventPtr> events;
    if (mailboxes_[worker].take(count, SIZE_MAX, events)) node_->on_room(worker);
    run_posted();
    Strings found;
    for (const auto& event : events) {
      found.push_back(!event->is_gap      ? event->type
                      : event->connection ? "gap of " + to_local_name(*event->connection)
                                          : "gap in " + event->group);
    }
    return found;
  }
  Strings take_everything() {
    Strings found;
    for (Strings some = take(4); !some.empty(); some = take(4)) {
      found.insert(found.end(), some.begin(), some.end());
    }
    return found;
  }
  bool has_room(const std::vector<layer::Addressed>& batch) { return node_->has_room(batch); }
  int64_t waiting_count() const { return registry_.total("carillon_inbound_events"); }
  int64_t overflow_count() const { return registry_.total("carillon_inbound_overflow_total"); }

  FakeClock clock_;
  metrics::Registry registry_;
  Strings log_;
  log::Logger logger_{{.write = [this](std::string_view line) { log_.emplace_back(line); }}};
  std::unique_ptr<net::EventLoop> worker_loop_;
  EventMailbox mailboxes_[2] = {EventMailbox({.events_max = 4, .bytes_max = 1'000}),
                                EventMailbox({.events_max = 4, .bytes_max = 1'000})};
  std::unique_ptr<Node> node_;
};

TEST_F(NodeOverloadTest, KeepsInOrderWhatAMailboxHasNoRoomFor) {
  deliver({"a", "b", "c", "d"});
  EXPECT_EQ(waiting_count(), 0);
  deliver({"e", "f", "g"});
  EXPECT_EQ(waiting_count(), 3);
  EXPECT_EQ(mailboxes_[0].event_count(), 4u);
  EXPECT_EQ(take(1), Strings{"a"});
  EXPECT_EQ(waiting_count(), 2);
  deliver({"h"});
  EXPECT_EQ(take_everything(), (Strings{"b", "c", "d", "e", "f", "g", "h"}));
  EXPECT_EQ(waiting_count(), 0);
  EXPECT_EQ(overflow_count(), 0);
  EXPECT_TRUE(log_.empty());
}

TEST_F(NodeOverloadTest, AsksForRoomOnlyWhileEventsWait) {
  deliver({"a", "b", "c", "d"});
  std::vector<PreparedEventPtr> events;
  EXPECT_FALSE(mailboxes_[0].take(2, SIZE_MAX, events));
  deliver({"e", "f", "g"});
  EXPECT_TRUE(mailboxes_[0].take(2, SIZE_MAX, events));
  node_->on_room(0);
  run_posted();
  EXPECT_FALSE(mailboxes_[0].take(2, SIZE_MAX, events));
}

TEST_F(NodeOverloadTest, HasNoRoomForPublishersWhileEventsWait) {
  deliver({"a", "b", "c", "d"});
  EXPECT_FALSE(has_room({to("room", "x")}));
  deliver({"e", "f"});
  (void)take(1);
  EXPECT_FALSE(has_room({to("room", "x")})) << "one event waits, though the mailbox has no more";
  EXPECT_TRUE(has_room({to("nobody", "x")}));
  EXPECT_EQ(take(1), Strings{"b"});
  EXPECT_FALSE(has_room({to("room", "x")})) << "the mailbox is full again";
  (void)take(1);
  EXPECT_TRUE(has_room({to("room", "x")}));
}

TEST_F(NodeOverloadTest, PutsALateEventBehindThoseThatWaitThoughTheMailboxHasRoom) {
  deliver({"a", "b", "c", "d", "e"});
  std::vector<PreparedEventPtr> events;
  EXPECT_TRUE(mailboxes_[0].take(4, SIZE_MAX, events));
  deliver({"f"});
  node_->on_room(0);
  run_posted();
  EXPECT_EQ(take_everything(), (Strings{"e", "f"}));
}

TEST_F(NodeOverloadTest, DropsPastItsBoundAndMarksTheGapInItsPlace) {
  deliver({"a", "b", "c", "d", "e", "f", "g"});
  EXPECT_EQ(overflow_count(), 0);
  deliver({"h", "i"});
  deliver({"x"}, "hall");
  EXPECT_EQ(overflow_count(), 3);
  EXPECT_EQ(take_everything(),
            (Strings{"a", "b", "c", "d", "e", "f", "g", "gap in room", "gap in hall"}));
  deliver({"j"});
  EXPECT_EQ(take_everything(), Strings{"j"});
}

TEST_F(NodeOverloadTest, MarksAGapAnewOnceEventsOfThatGroupWaitBehindTheFirst) {
  deliver({"a", "b", "c", "d", "e", "f", "g", "lost"});
  EXPECT_EQ(take(2), (Strings{"a", "b"}));
  deliver({"h", "lost"});
  EXPECT_EQ(take_everything(),
            (Strings{"c", "d", "e", "f", "g", "gap in room", "h", "gap in room"}));
  EXPECT_EQ(overflow_count(), 2);
}

TEST_F(NodeOverloadTest, CountsTheBytesThatWait) {
  deliver({"a", "b", "c", "d"});
  node_->deliver(to("room", "e", 1'900));
  node_->deliver(to("room", "f", 20));
  EXPECT_EQ(overflow_count(), 0);
  node_->deliver(to("room", "g", 20));
  EXPECT_EQ(overflow_count(), 1);
  EXPECT_EQ(take_everything(), (Strings{"a", "b", "c", "d", "e", "f", "gap in room"}));
}

TEST_F(NodeOverloadTest, KeepsAnEventThatIsLargerThanAllItsBounds) {
  deliver({"a"});
  node_->deliver(to("room", "b", 5'000));
  EXPECT_EQ(waiting_count(), 1);
  EXPECT_EQ(take_everything(), (Strings{"a", "b"}));
  EXPECT_EQ(overflow_count(), 0);
}

TEST_F(NodeOverloadTest, LetsAWorkerThatKeepsUpHaveEverything) {
  node_->want(1, "room");
  run_posted();
  for (int i = 0; i < 12; ++i) {
    deliver({"n" + std::to_string(i)});
    EXPECT_EQ(take(4, 1), Strings{"n" + std::to_string(i)});
  }
  EXPECT_EQ(overflow_count(), 5);
  EXPECT_FALSE(has_room({to("room", "x")}));
}

TEST_F(NodeOverloadTest, SaysOnceThatAWorkerFellBehindAndOnceThatItCaughtUp) {
  deliver({"a", "b", "c", "d", "e", "f", "g", "h", "i"});
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_NE(log_[0].find("worker=0"), std::string::npos) << log_[0];
  (void)take(4);
  EXPECT_EQ(log_.size(), 2u) << "all that waited is in the mailbox";
  deliver({"a", "b", "c", "d", "e", "f", "g", "h", "i"});
  EXPECT_EQ(log_.size(), 3u);
}

TEST_F(NodeOverloadTest, TakesABatchThatEitherTheMailboxOrTheQueueCanHold) {
  const std::vector<layer::Addressed> four(4, to("room", "x"));
  EXPECT_TRUE(has_room(four));
  const std::vector<layer::Addressed> five(5, to("room", "x"));
  EXPECT_FALSE(has_room(five)) << "an accepted event is never dropped";
}

TEST_F(NodeOverloadTest, KeepsADirectEventInItsPlace) {
  const auto event = to("", "answer").event;
  deliver({"a", "b", "c", "d", "e"});
  node_->deliver_direct("c0.3.1", event);
  deliver({"f"});
  node_->deliver_direct("c0.3.1", event);
  EXPECT_EQ(overflow_count(), 1);
  EXPECT_EQ(take_everything(), (Strings{"a", "b", "c", "d", "e", "answer", "f", "gap of c0.3.1"}));
}

TEST_F(NodeOverloadTest, HandsADirectEventToTheWorkerOfItsConnection) {
  node_->deliver_direct("c1.17.2", to("", "answer").event);
  EXPECT_TRUE(mailboxes_[0].is_empty());
  std::vector<PreparedEventPtr> events;
  (void)mailboxes_[1].take(4, SIZE_MAX, events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]->connection, (ConnectionName{1, 17, 2}));
  EXPECT_EQ(events[0]->payload(), R"({"type":"answer"})");
  EXPECT_FALSE(events[0]->is_for_group());
}

TEST_F(NodeOverloadTest, CountsDirectEventsForNobody) {
  for (const char* name : {"c2.0.0", "g1", "", "c0.1"}) {
    node_->deliver_direct(name, to("", "answer").event);
  }
  EXPECT_EQ(registry_.total("carillon_direct_events_dropped_total"), 4);
  for (const EventMailbox& mailbox : mailboxes_) EXPECT_TRUE(mailbox.is_empty());
}

TEST(NodeThreads, LosesNothingBetweenANodeAndASlowWorker) {
  constexpr int kCount = 2'000;
  metrics::Registry registry;
  const log::Logger logger;
  auto worker_loop = std::move(*net::EventLoop::make(system_clock()));
  EventMailbox mailbox({.events_max = 8, .bytes_max = 1 << 20});
  auto node = std::move(*Node::make(system_clock(), registry, logger,
                                    {.waiting = {.events_max = kCount, .bytes_max = 1 << 20}}));
  node->attach(*worker_loop, mailbox);
  node->set_layer(
      std::make_unique<layer::MemoryLayer>(layer::MemoryLayerOptions{}, *node, system_clock()));
  node->start();
  node->want(0, "room");
  for (int i = 0; i < kCount; ++i) {
    node->post([&node, i] { node->deliver(to("room", "n" + std::to_string(i))); });
  }
  int taken_count = 0;
  std::vector<PreparedEventPtr> events;
  while (taken_count < kCount) {
    if (mailbox.take(3, SIZE_MAX, events)) node->on_room(0);
    if (events.empty()) std::this_thread::yield();
    for (const auto& event : events) ASSERT_EQ(event->type, "n" + std::to_string(taken_count++));
    events.clear();
  }
  node->stop();
  EXPECT_EQ(registry.total("carillon_inbound_overflow_total"), 0);
}

TEST_F(NodeOverloadTest, EndsWhenItsLayerHasStopped) {
  auto node = std::move(*Node::make(clock_, registry_, logger_));
  auto layer = std::make_unique<layer::HeldLayer>();
  bool has_stopped = false;
  layer->on_stop = [&node, &has_stopped, layer = layer.get()] {
    node->post([&node, &has_stopped, layer] {
      node->post([&has_stopped, layer] {
        has_stopped = true;
        layer->stopped();
      });
    });
  };
  node->set_layer(std::move(layer));
  node->start();
  node->stop();
  EXPECT_TRUE(has_stopped);
  EXPECT_TRUE(log_.empty());
}

TEST_F(NodeOverloadTest, EndsThoughItsLayerDoesNotStop) {
  auto node = std::move(*Node::make(clock_, registry_, logger_));
  auto layer = std::make_unique<layer::HeldLayer>();
  layer->present_trouble = "the server is asleep";
  layer->on_stop = [this, &node] {
    // Two ticks of the timers beyond.
    node->post([this] { clock_.advance_ms(Node::kLayerStopMs + 2 * net::TimerWheel::kTickMs); });
  };
  node->set_layer(std::move(layer));
  node->start();
  node->stop();
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_NE(log_[0].find("the server is asleep"), std::string::npos) << log_[0];
}

}  // namespace
}  // namespace carillon::fanout
