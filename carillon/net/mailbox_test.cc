#include "carillon/net/mailbox.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

namespace carillon::net {
namespace {

using Push = Mailbox<int>::Push;

TEST(Mailbox, TellsTheFirstItemFromTheRest) {
  Mailbox<int> mailbox(10);
  EXPECT_EQ(mailbox.push(1), Push::kQueuedFirst);
  EXPECT_EQ(mailbox.push(2), Push::kQueued);
  std::vector<int> out;
  mailbox.take_all(out);
  EXPECT_EQ(out, (std::vector{1, 2}));
  EXPECT_EQ(mailbox.push(3), Push::kQueuedFirst);
}

TEST(Mailbox, HoldsJustItsBound) {
  Mailbox<int> mailbox(2);
  EXPECT_EQ(mailbox.push(1), Push::kQueuedFirst);
  EXPECT_EQ(mailbox.push(2), Push::kQueued);
  EXPECT_EQ(mailbox.push(3), Push::kFull);
  EXPECT_EQ(mailbox.push_always(4), Push::kQueued);
  std::vector<int> out;
  mailbox.take_all(out);
  EXPECT_EQ(out, (std::vector{1, 2, 4}));
}

TEST(Mailbox, LeavesARefusedItemWithItsOwner) {
  Mailbox<std::unique_ptr<int>> mailbox(0);
  auto item = std::make_unique<int>(7);
  EXPECT_EQ(mailbox.push(std::move(item)), Mailbox<std::unique_ptr<int>>::Push::kFull);
  const int* kept = item.get();  // NOLINT(bugprone-use-after-move): kFull leaves it whole
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(*kept, 7);
}

TEST(Mailbox, WakesTheReaderForAnItemPastTheBoundToo) {
  Mailbox<int> mailbox(0);
  EXPECT_EQ(mailbox.push_always(1), Push::kQueuedFirst);
}

TEST(Mailbox, KeepsTheOrderOfEachOfItsWriters) {
  constexpr int kWriterCount = 4;
  constexpr int kItemCount = 1'000;
  Mailbox<std::pair<int, int>> mailbox(100);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriterCount; ++writer) {
    writers.emplace_back([&mailbox, writer] {
      for (int i = 0; i < kItemCount; ++i) {
        while (mailbox.push(std::pair(writer, i)) == Mailbox<std::pair<int, int>>::Push::kFull) {
          std::this_thread::yield();
        }
      }
    });
  }
  std::array<int, kWriterCount> next{};
  std::vector<std::pair<int, int>> out;
  for (int taken_count = 0; taken_count < kWriterCount * kItemCount;) {
    mailbox.take_all(out);
    if (out.empty()) std::this_thread::yield();
    for (const auto& [writer, i] : out) EXPECT_EQ(i, next[static_cast<size_t>(writer)]++);
    taken_count += static_cast<int>(out.size());
    out.clear();
  }
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace carillon::net
