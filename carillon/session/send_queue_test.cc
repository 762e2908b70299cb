#include "carillon/session/send_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <memory>
#include <string>

#include "carillon/base/random.h"

namespace carillon::session {
namespace {

constexpr SendQueueLimits kAmple{1 << 20, 16'384};

fanout::FramePtr frame_of(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// What `queue` would send, in one piece.
std::string waiting_bytes(const SendQueue& queue) {
  std::array<iovec, 256> buffers{};
  const size_t count = queue.fill(buffers);
  std::string bytes;
  for (size_t i = 0; i < count; ++i) {
    bytes.append(static_cast<const char*>(buffers[i].iov_base), buffers[i].iov_len);
  }
  return bytes;
}

TEST(SendQueue, GivesFramesInTheOrderTheyCame) {
  SendQueue queue;
  EXPECT_TRUE(queue.is_empty());
  EXPECT_TRUE(queue.push(frame_of("one"), 0, kAmple));
  EXPECT_TRUE(queue.push(frame_of("two"), 0, kAmple));
  queue.push_always(frame_of("close"));
  EXPECT_EQ(waiting_bytes(queue), "onetwoclose");
  EXPECT_EQ(queue.frame_count(), 3u);
  EXPECT_EQ(queue.byte_count(), 11u);
}

TEST(SendQueue, FillsNoMoreBuffersThanThereAre) {
  SendQueue queue;
  std::array<iovec, 2> buffers{};
  EXPECT_EQ(queue.fill(buffers), 0u);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.push(frame_of("abc"), 0, kAmple));
  EXPECT_EQ(queue.fill(buffers), 2u);
  EXPECT_EQ(queue.fill({}), 0u);
}

TEST(SendQueue, ConsumesOneByteAtATime) {
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("ab"), 0, kAmple));
  ASSERT_TRUE(queue.push(frame_of("cd"), 0, kAmple));
  EXPECT_EQ(queue.consume(1), 0u);
  EXPECT_EQ(waiting_bytes(queue), "bcd");
  EXPECT_EQ(queue.consume(1), 1u);
  EXPECT_EQ(waiting_bytes(queue), "cd");
  EXPECT_EQ(queue.consume(0), 0u);
  EXPECT_EQ(queue.consume(1), 0u);
  EXPECT_EQ(queue.consume(1), 1u);
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(queue.byte_count(), 0u);
}

TEST(SendQueue, ConsumesAcrossSeveralFrames) {
  SendQueue queue;
  for (const char* text : {"abc", "def", "ghi"}) {
    ASSERT_TRUE(queue.push(frame_of(text), 0, kAmple));
  }
  EXPECT_EQ(queue.consume(7), 2u);
  EXPECT_EQ(waiting_bytes(queue), "hi");
  EXPECT_EQ(queue.consume(2), 1u);
  EXPECT_TRUE(queue.is_empty());
}

TEST(SendQueue, HoldsJustTheBytesOfItsLimit) {
  const SendQueueLimits limits{10, 100};
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("123456"), 0, limits));
  EXPECT_FALSE(queue.push(frame_of("12345"), 0, limits));
  EXPECT_EQ(queue.byte_count(), 6u) << "a refused frame is not queued";
  EXPECT_TRUE(queue.push(frame_of("1234"), 0, limits));
  EXPECT_FALSE(queue.push(frame_of("1"), 0, limits));
}

TEST(SendQueue, HoldsJustTheFramesOfItsLimit) {
  const SendQueueLimits limits{1000, 3};
  SendQueue queue;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(frame_of("x"), 0, limits));
  EXPECT_FALSE(queue.push(frame_of("x"), 0, limits));
  EXPECT_EQ(queue.frame_count(), 3u);
  EXPECT_EQ(queue.consume(1), 1u);
  EXPECT_TRUE(queue.push(frame_of("x"), 0, limits));
}

TEST(SendQueue, DoesNotCountBytesThatHaveGoneOut) {
  const SendQueueLimits limits{10, 100};
  SendQueue queue;
  queue.push_begun(frame_of("0123456789"), 4);
  EXPECT_FALSE(queue.push(frame_of("12345"), 0, limits));
  EXPECT_TRUE(queue.push(frame_of("1234"), 0, limits));
  EXPECT_EQ(queue.byte_count(), 14u);
}

TEST(SendQueue, TakesOneFrameOfAnySizeWhenEmpty) {
  const SendQueueLimits limits{10, 100};
  SendQueue queue;
  EXPECT_TRUE(queue.push(frame_of(std::string(1000, 'x')), 0, limits));
  EXPECT_FALSE(queue.push(frame_of("y"), 0, limits));
}

TEST(SendQueue, TakesACloseFramePastItsLimits) {
  const SendQueueLimits limits{4, 1};
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("full"), 0, limits));
  queue.push_always(frame_of("close"));
  EXPECT_EQ(waiting_bytes(queue), "fullclose");
}

TEST(SendQueue, ReplacesAWaitingStateWhereItStands) {
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("A"), 0, kAmple));
  ASSERT_TRUE(queue.push(frame_of("old"), 7, kAmple));
  ASSERT_TRUE(queue.push(frame_of("B"), 0, kAmple));
  EXPECT_TRUE(queue.push(frame_of("newer"), 7, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "AnewerB");
  EXPECT_EQ(queue.conflated_count(), 1u);
  EXPECT_EQ(queue.byte_count(), 7u);
  EXPECT_TRUE(queue.push(frame_of("n"), 7, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "AnB");
  EXPECT_EQ(queue.byte_count(), 3u);
}

TEST(SendQueue, KeepsStatesOfDifferentKeysApart) {
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("one"), 1, kAmple));
  ASSERT_TRUE(queue.push(frame_of("two"), 2, kAmple));
  ASSERT_TRUE(queue.push(frame_of("ONE"), 1, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "ONEtwo");
}

TEST(SendQueue, NeverReplacesPlainEvents) {
  SendQueue queue;
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(queue.push(frame_of(text), 0, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "abc");
  EXPECT_EQ(queue.conflated_count(), 0u);
}

TEST(SendQueue, ReplacesAStateEvenWhenFull) {
  const SendQueueLimits limits{6, 2};
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("abc"), 0, limits));
  ASSERT_TRUE(queue.push(frame_of("old"), 7, limits));
  EXPECT_TRUE(queue.push(frame_of("new"), 7, limits));
  EXPECT_EQ(waiting_bytes(queue), "abcnew");
}

TEST(SendQueue, LeavesAStateAloneThatHasBegunToGoOut) {
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("old"), 7, kAmple));
  EXPECT_EQ(queue.consume(1), 0u);
  EXPECT_TRUE(queue.push(frame_of("new"), 7, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "ldnew");
  EXPECT_TRUE(queue.push(frame_of("NEW"), 7, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "ldNEW");
  EXPECT_EQ(queue.conflated_count(), 1u);
}

TEST(SendQueue, ForgetsStatesThatHaveGone) {
  SendQueue queue;
  ASSERT_TRUE(queue.push(frame_of("one"), 7, kAmple));
  EXPECT_EQ(queue.consume(3), 1u);
  ASSERT_TRUE(queue.push(frame_of("x"), 0, kAmple));
  ASSERT_TRUE(queue.push(frame_of("two"), 7, kAmple));
  EXPECT_EQ(waiting_bytes(queue), "xtwo");
  EXPECT_EQ(queue.conflated_count(), 0u);
}

TEST(SendQueue, DropsAllThatHasNotBegun) {
  SendQueue queue;
  EXPECT_EQ(queue.drop_unbegun(), 0u);
  ASSERT_TRUE(queue.push(frame_of("abc"), 0, kAmple));
  ASSERT_TRUE(queue.push(frame_of("def"), 7, kAmple));
  EXPECT_EQ(queue.drop_unbegun(), 2u);
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(queue.byte_count(), 0u);
}

TEST(SendQueue, KeepsTheRestOfABegunFrameWhenDropping) {
  SendQueue queue;
  queue.push_begun(frame_of("abc"), 2);
  ASSERT_TRUE(queue.push(frame_of("def"), 0, kAmple));
  EXPECT_EQ(queue.drop_unbegun(), 1u);
  queue.push_always(frame_of("close"));
  EXPECT_EQ(waiting_bytes(queue), "cclose");
  EXPECT_EQ(queue.drop_unbegun(), 1u);
  EXPECT_EQ(queue.consume(1), 1u);
  EXPECT_TRUE(queue.is_empty());
}

// What SendQueue promises, written down without a thought for speed.
class NaiveQueue {
 public:
  bool push(const std::string& bytes, uint32_t state_key, const SendQueueLimits& limits) {
    for (size_t i = begun_ > 0 ? 1 : 0; i < frames_.size() && state_key != 0; ++i) {
      if (frames_[i].second != state_key) continue;
      frames_[i].first = bytes;
      return true;
    }
    const bool fits =
        waiting().size() + bytes.size() <= limits.bytes_max && frames_.size() < limits.frames_max;
    if (!fits && !frames_.empty()) return false;
    frames_.emplace_back(bytes, state_key);
    return true;
  }
  size_t consume(size_t byte_count) {
    size_t finished = 0;
    for (; byte_count > 0; --byte_count) {
      if (++begun_ < frames_.front().first.size()) continue;
      frames_.pop_front();
      begun_ = 0;
      ++finished;
    }
    return finished;
  }
  size_t drop_unbegun() {
    const size_t kept = begun_ > 0 ? 1 : 0;
    const size_t dropped = frames_.size() - kept;
    frames_.resize(kept);
    return dropped;
  }
  std::string waiting() const {
    std::string bytes;
    for (const auto& frame : frames_) bytes += frame.first;
    return bytes.substr(begun_);
  }
  size_t frame_count() const { return frames_.size(); }

 private:
  std::deque<std::pair<std::string, uint32_t>> frames_;
  size_t begun_ = 0;
};

TEST(SendQueue, AgreesWithANaiveTwin) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const SendQueueLimits limits{200, 20};
    SendQueue queue;
    NaiveQueue twin;
    for (int step = 0; step < 500; ++step) {
      const uint64_t choice = random.below(20);
      if (choice == 0) {
        ASSERT_EQ(queue.drop_unbegun(), twin.drop_unbegun());
      } else if (choice < 12) {
        const std::string bytes(1 + random.below(30), static_cast<char>('a' + random.below(26)));
        const auto state_key = static_cast<uint32_t>(random.below(4));
        ASSERT_EQ(queue.push(frame_of(bytes), state_key, limits),
                  twin.push(bytes, state_key, limits));
      } else {
        const size_t byte_count = random.below(twin.waiting().size() + 1);
        ASSERT_EQ(queue.consume(byte_count), twin.consume(byte_count));
      }
      ASSERT_EQ(waiting_bytes(queue), twin.waiting()) << "seed " << seed << " step " << step;
      ASSERT_EQ(queue.frame_count(), twin.frame_count());
    }
  }
}

}  // namespace
}  // namespace carillon::session
