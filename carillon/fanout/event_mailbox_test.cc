#include "carillon/fanout/event_mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace carillon::fanout {
namespace {

PreparedEventPtr event_of(size_t frame_bytes) {
  auto event = std::make_shared<PreparedEvent>();
  event->frame = std::make_shared<const std::string>(frame_bytes, 'x');
  return event;
}

TEST(EventMailbox, WakesTheReaderOnlyWhenItWasEmpty) {
  EventMailbox mailbox({});
  EXPECT_TRUE(mailbox.is_empty());
  EXPECT_TRUE(mailbox.push(event_of(1)));
  EXPECT_FALSE(mailbox.push(event_of(1)));
  EXPECT_EQ(mailbox.event_count(), 2u);
  std::vector<PreparedEventPtr> out;
  (void)mailbox.take(100, 100, out);
  EXPECT_TRUE(mailbox.is_empty());
  EXPECT_TRUE(mailbox.push(event_of(1)));
}

TEST(EventMailbox, HasRoomForJustItsEvents) {
  EventMailbox mailbox({.events_max = 3, .bytes_max = 1000});
  mailbox.push(event_of(1));
  EXPECT_TRUE(mailbox.has_room(2, 2));
  EXPECT_FALSE(mailbox.has_room(3, 3));
}

TEST(EventMailbox, HasRoomForJustItsBytes) {
  EventMailbox mailbox({.events_max = 100, .bytes_max = 1000});
  mailbox.push(event_of(400));
  EXPECT_TRUE(mailbox.has_room(1, 600));
  EXPECT_FALSE(mailbox.has_room(1, 601));
}

TEST(EventMailbox, HasRoomForAnythingWhenEmpty) {
  EventMailbox mailbox({.events_max = 1, .bytes_max = 1});
  EXPECT_TRUE(mailbox.has_room(50, 1 << 30));
}

TEST(EventMailbox, HasRoomAgainForWhatWasTaken) {
  EventMailbox mailbox({.events_max = 2, .bytes_max = 100});
  mailbox.push(event_of(50));
  mailbox.push(event_of(50));
  EXPECT_FALSE(mailbox.has_room(1, 1));
  std::vector<PreparedEventPtr> out;
  (void)mailbox.take(1, 1000, out);
  EXPECT_TRUE(mailbox.has_room(1, 50));
  EXPECT_FALSE(mailbox.has_room(1, 51));
}

TEST(EventMailbox, GivesTheOldestFirstUpToACount) {
  EventMailbox mailbox({});
  std::vector<PreparedEventPtr> pushed;
  for (size_t i = 0; i < 5; ++i) {
    pushed.push_back(event_of(10));
    mailbox.push(pushed.back());
  }
  std::vector<PreparedEventPtr> out;
  (void)mailbox.take(3, 1000, out);
  EXPECT_EQ(out, (std::vector{pushed[0], pushed[1], pushed[2]}));
  out.clear();
  (void)mailbox.take(3, 1000, out);
  EXPECT_EQ(out, (std::vector{pushed[3], pushed[4]}));
}

TEST(EventMailbox, GivesUpToABoundOfBytesButAlwaysOne) {
  EventMailbox mailbox({});
  for (const size_t bytes : {100, 60, 40, 1}) mailbox.push(event_of(bytes));
  std::vector<PreparedEventPtr> out;
  (void)mailbox.take(10, 50, out);
  EXPECT_EQ(out.size(), 1u) << "one that is larger than the bound";
  out.clear();
  (void)mailbox.take(10, 100, out);
  EXPECT_EQ(out.size(), 2u) << "just the bound";
  EXPECT_EQ(mailbox.event_count(), 1u);
  out.clear();
  (void)mailbox.take(0, 100, out);
  EXPECT_TRUE(out.empty());
}

TEST(EventMailbox, TellsTheReaderOnceThatTheWriterWaitsForRoom) {
  EventMailbox mailbox({.events_max = 2, .bytes_max = 100});
  mailbox.push(event_of(50));
  EXPECT_FALSE(mailbox.await_room(50)) << "there is room";
  EXPECT_TRUE(mailbox.await_room(51));
  std::vector<PreparedEventPtr> out;
  EXPECT_TRUE(mailbox.take(1, 1000, out));
  EXPECT_FALSE(mailbox.await_room(1000)) << "an empty mailbox has room for anything";
  mailbox.push(event_of(1));
  mailbox.push(event_of(1));
  EXPECT_TRUE(mailbox.await_room(0)) << "nor for an event without bytes";
  out.clear();
  EXPECT_TRUE(mailbox.take(1, 1000, out));
  out.clear();
  EXPECT_FALSE(mailbox.take(1, 1000, out)) << "it was told";
}

TEST(EventMailbox, CarriesEveryEventFromOneThreadToAnother) {
  constexpr size_t kCount = 2'000;
  EventMailbox mailbox({.events_max = 64, .bytes_max = 1 << 20});
  std::thread writer([&] {
    for (size_t i = 1; i <= kCount; ++i) {
      const auto event = event_of(i % 7 + 1);
      while (!mailbox.has_room(1, event->frame->size())) std::this_thread::yield();
      mailbox.push(event);
    }
  });
  size_t taken_count = 0;
  std::vector<PreparedEventPtr> out;
  while (taken_count < kCount) {
    (void)mailbox.take(16, 1 << 20, out);
    if (out.empty()) std::this_thread::yield();
    for (const auto& event : out) ASSERT_EQ(event->frame->size(), ++taken_count % 7 + 1);
    out.clear();
  }
  writer.join();
  EXPECT_TRUE(mailbox.is_empty());
}

}  // namespace
}  // namespace carillon::fanout
