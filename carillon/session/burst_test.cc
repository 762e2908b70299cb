#include "carillon/session/burst.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "carillon/base/random.h"

namespace carillon::session {
namespace {

fanout::FramePtr frame_of(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

class BurstTest : public testing::Test {
 protected:
  Burst* extend(Burst* from, const fanout::FramePtr& frame, uint32_t state_key = 0) {
    return arena_.extend(from, frame, state_key, fanout::kPlainForm);
  }

  BurstArena arena_;
  const fanout::FramePtr a_ = frame_of("aa");
  const fanout::FramePtr b_ = frame_of("b");
  const fanout::FramePtr c_ = frame_of("cccc");
};

TEST_F(BurstTest, SharesOneObjectAmongAllWithTheSameList) {
  Burst* first = extend(extend(extend(nullptr, a_), b_), c_);
  Burst* second = extend(extend(extend(nullptr, a_), b_), c_);
  EXPECT_EQ(first, second);
  EXPECT_EQ(arena_.burst_count(), 3u);
}

TEST_F(BurstTest, GivesEachMemberOfAGroupTheSameStep) {
  Burst* alice = nullptr;
  Burst* bob = nullptr;
  for (const auto& frame : {a_, b_, c_, a_}) {
    alice = extend(alice, frame);
    bob = extend(bob, frame);
    EXPECT_EQ(alice, bob);
  }
  EXPECT_EQ(arena_.burst_count(), 4u);
}

TEST_F(BurstTest, KeepsDifferentListsApart) {
  Burst* both = extend(extend(nullptr, a_), b_);
  Burst* only_b = extend(nullptr, b_);
  EXPECT_NE(both, only_b);
  EXPECT_EQ(both->bytes(), "aab");
  EXPECT_EQ(only_b->bytes(), "b");
}

TEST_F(BurstTest, TellsEqualBytesOfDifferentFramesApart) {
  const fanout::FramePtr twin = frame_of("aa");
  EXPECT_NE(extend(nullptr, a_), extend(nullptr, twin));
}

TEST_F(BurstTest, KeepsFormsApart) {
  Burst* plain = arena_.extend(nullptr, a_, 0, fanout::kPlainForm);
  Burst* compressed = arena_.extend(nullptr, b_, 0, 15);
  EXPECT_NE(plain, compressed);
  EXPECT_EQ(arena_.extend(nullptr, a_, 0, fanout::kPlainForm), plain);
  EXPECT_EQ(arena_.extend(nullptr, b_, 0, 15), compressed);
}

TEST_F(BurstTest, JoinsTheBytesOfAllFrames) {
  Burst* burst = extend(extend(extend(nullptr, a_), b_), c_);
  EXPECT_EQ(burst->bytes(), "aabcccc");
  EXPECT_EQ(burst->bytes().data(), burst->bytes().data()) << "joined once";
  EXPECT_EQ(burst->byte_count, 7u);
  EXPECT_EQ(burst->frame_count, 3u);
}

TEST_F(BurstTest, GivesASingleFrameWithoutCopyingIt) {
  EXPECT_EQ(&extend(nullptr, a_)->bytes(), a_.get());
}

TEST_F(BurstTest, ListsItsFramesOldestFirst) {
  Burst* burst = extend(extend(extend(nullptr, a_, 5), b_), c_, 9);
  std::vector<const Burst*> list;
  burst->list(list);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]->frame, a_);
  EXPECT_EQ(list[0]->state_key, 5u);
  EXPECT_EQ(list[1]->frame, b_);
  EXPECT_EQ(list[1]->state_key, 0u);
  EXPECT_EQ(list[2]->frame, c_);
  EXPECT_EQ(list[2]->state_key, 9u);
}

TEST_F(BurstTest, StartsAnewAfterClear) {
  extend(extend(nullptr, a_), b_);
  arena_.clear();
  EXPECT_EQ(arena_.burst_count(), 0u);
  EXPECT_EQ(a_.use_count(), 1) << "a cleared arena holds no frames";
  Burst* burst = extend(nullptr, a_);
  EXPECT_EQ(burst->frame_count, 1u);
  EXPECT_EQ(burst->bytes(), "aa");
}

// Connections with random subsets of a round's frames: whatever is shared, each has its own list.
TEST(BurstArena, GivesEveryConnectionWhatItAskedFor) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    BurstArena arena;
    std::map<size_t, std::string> wanted;
    std::map<size_t, Burst*> got;
    for (int i = 0; i < 40; ++i) {
      const auto frame = frame_of(std::string(1 + random.below(5), static_cast<char>('A' + i)));
      const uint64_t group = random.below(4);
      for (size_t member = 0; member < 30; ++member) {
        if (group != 0 && member % 4 != group) continue;
        got[member] = arena.extend(got[member], frame, 0, fanout::kPlainForm);
        wanted[member] += *frame;
      }
    }
    for (const auto& [member, bytes] : wanted) {
      ASSERT_EQ(got[member]->bytes(), bytes) << "seed " << seed;
      ASSERT_EQ(got[member]->byte_count, bytes.size());
    }
    EXPECT_LE(arena.burst_count(), 40u * 4) << "one list for each group of alike members";
  }
}

}  // namespace
}  // namespace carillon::session
