#include "carillon/net/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "carillon/base/random.h"

namespace carillon::net {
namespace {

constexpr uint64_t kStartMs = 1'000'000;
constexpr uint64_t kTickMs = TimerWheel::kTickMs;
constexpr uint64_t kTurnMs = TimerWheel::kSlotCount * kTickMs;

class Recorder final : public TimerHandler {
 public:
  void on_timer() override {
    ++fired_count;
    if (then) then();
  }

  int fired_count = 0;
  std::function<void()> then;
};

class TimerWheelTest : public testing::Test {
 protected:
  // Advances in steps of a millisecond until `timer` fires; the time when it did.
  uint64_t fires_at(const Recorder& timer, uint64_t from_ms, uint64_t until_ms) {
    const int before = timer.fired_count;
    for (uint64_t now_ms = from_ms; now_ms <= until_ms; ++now_ms) {
      wheel_.advance(now_ms);
      if (timer.fired_count != before) return now_ms;
    }
    return UINT64_MAX;
  }

  TimerWheel wheel_{kStartMs};
  Recorder timer_;
  Recorder other_;
};

TEST_F(TimerWheelTest, FiresOnceAtItsDeadlineOrUpToTwoTicksLater) {
  const TimerId id = wheel_.add(timer_);
  uint64_t now_ms = kStartMs;
  for (const uint64_t delay_ms : {0, 1, 15, 16, 17, 31, 32, 100, 1000, 20'000}) {
    const uint64_t deadline_ms = now_ms + delay_ms;
    wheel_.schedule(id, deadline_ms);
    EXPECT_EQ(wheel_.running_count(), 1u);
    const uint64_t fired_ms = fires_at(timer_, now_ms, deadline_ms + 10 * kTickMs);
    EXPECT_GE(fired_ms, deadline_ms);
    EXPECT_LE(fired_ms, deadline_ms + 2 * kTickMs);
    EXPECT_EQ(wheel_.running_count(), 0u);
    EXPECT_EQ(fires_at(timer_, fired_ms, fired_ms + 100), UINT64_MAX);
    now_ms = fired_ms + 100;
  }
}

TEST_F(TimerWheelTest, FiresADeadlineOfThePastAtTheNextTick) {
  const TimerId id = wheel_.add(timer_);
  wheel_.advance(kStartMs + 5'000);
  for (const uint64_t deadline_ms : {uint64_t{0}, kStartMs - 1, kStartMs, kStartMs + 4'999}) {
    wheel_.schedule(id, deadline_ms);
    EXPECT_EQ(timer_.fired_count, 0) << "not inside schedule()";
  }
  EXPECT_LE(fires_at(timer_, kStartMs + 5'000, kStartMs + 6'000), kStartMs + 5'000 + 2 * kTickMs);
}

TEST_F(TimerWheelTest, WaitsForDeadlinesBeyondOneTurn) {
  const TimerId id = wheel_.add(timer_);
  for (const uint64_t delay_ms : {kTurnMs - 1, kTurnMs, kTurnMs + 1, 3 * kTurnMs + 5}) {
    TimerWheel wheel(kStartMs);
    Recorder timer;
    wheel.schedule(wheel.add(timer), kStartMs + delay_ms);
    uint64_t now_ms = kStartMs;
    for (; now_ms < kStartMs + delay_ms; now_ms += 7) {
      wheel.advance(now_ms);
      ASSERT_EQ(timer.fired_count, 0) << now_ms;
    }
    wheel.advance(kStartMs + delay_ms + 2 * kTickMs);
    EXPECT_EQ(timer.fired_count, 1);
  }
  wheel_.remove(id);
}

TEST_F(TimerWheelTest, FiresAllThatIsDueAfterALongPause) {
  std::vector<std::unique_ptr<Recorder>> timers;
  for (uint64_t i = 0; i < 200; ++i) {
    timers.push_back(std::make_unique<Recorder>());
    wheel_.schedule(wheel_.add(*timers.back()), kStartMs + i * 1'000);
  }
  wheel_.advance(kStartMs + 150'500);
  for (uint64_t i = 0; i < 200; ++i) EXPECT_EQ(timers[i]->fired_count, i <= 150 ? 1 : 0) << i;
}

TEST_F(TimerWheelTest, FiresAtTheNewDeadlineWhenScheduledAgain) {
  const TimerId id = wheel_.add(timer_);
  wheel_.schedule(id, kStartMs + 100);
  wheel_.schedule(id, kStartMs + 500);
  EXPECT_EQ(wheel_.running_count(), 1u);
  EXPECT_GE(fires_at(timer_, kStartMs, kStartMs + 1'000), kStartMs + 500);
  wheel_.schedule(id, kStartMs + 5'000);
  wheel_.schedule(id, kStartMs + 2'000);
  EXPECT_LE(fires_at(timer_, kStartMs + 1'000, kStartMs + 6'000), kStartMs + 2'000 + 2 * kTickMs);
}

TEST_F(TimerWheelTest, DoesNotFireWhatWasCancelled) {
  const TimerId id = wheel_.add(timer_);
  wheel_.cancel(id);
  wheel_.schedule(id, kStartMs + 100);
  wheel_.cancel(id);
  wheel_.cancel(id);
  EXPECT_EQ(wheel_.running_count(), 0u);
  wheel_.advance(kStartMs + 1'000);
  EXPECT_EQ(timer_.fired_count, 0);
}

TEST_F(TimerWheelTest, LetsAHandlerScheduleItselfAgain) {
  const TimerId id = wheel_.add(timer_);
  timer_.then = [&] { wheel_.schedule(id, 0); };
  wheel_.schedule(id, kStartMs);
  wheel_.advance(kStartMs + 10 * kTickMs);
  EXPECT_EQ(timer_.fired_count, 10) << "once a tick, however late the deadline";
}

TEST_F(TimerWheelTest, LetsAHandlerRemoveItself) {
  const TimerId id = wheel_.add(timer_);
  timer_.then = [&] { wheel_.remove(id); };
  wheel_.schedule(id, kStartMs + 10);
  wheel_.advance(kStartMs + 1'000);
  EXPECT_EQ(timer_.fired_count, 1);
  EXPECT_EQ(wheel_.add(other_), id) << "ids are used again";
}

TEST_F(TimerWheelTest, LetsAHandlerCancelOneThatIsDueWithIt) {
  const TimerId one = wheel_.add(timer_);
  const TimerId two = wheel_.add(other_);
  timer_.then = [&] { wheel_.cancel(two); };
  other_.then = [&] { wheel_.cancel(one); };
  wheel_.schedule(one, kStartMs + 10);
  wheel_.schedule(two, kStartMs + 10);
  wheel_.advance(kStartMs + 1'000);
  EXPECT_EQ(timer_.fired_count + other_.fired_count, 1);
}

TEST_F(TimerWheelTest, DoesNotFireANewTimerInThePlaceOfOneThatWasDue) {
  const TimerId one = wheel_.add(timer_);
  const TimerId two = wheel_.add(timer_);
  timer_.then = [&] {
    if (timer_.fired_count > 1) return;
    wheel_.remove(one);
    wheel_.remove(two);
    for (int i = 0; i < 2; ++i) wheel_.schedule(wheel_.add(other_), kStartMs + 10'000);
  };
  wheel_.schedule(one, kStartMs + 10);
  wheel_.schedule(two, kStartMs + 10);
  wheel_.advance(kStartMs + 1'000);
  EXPECT_EQ(timer_.fired_count, 1);
  EXPECT_EQ(other_.fired_count, 0);
  wheel_.advance(kStartMs + 11'000);
  EXPECT_EQ(other_.fired_count, 2);
}

TEST_F(TimerWheelTest, SaysHowLongNothingIsDue) {
  EXPECT_EQ(wheel_.next_timeout_ms(kStartMs), -1);
  const TimerId id = wheel_.add(timer_);
  EXPECT_EQ(wheel_.next_timeout_ms(kStartMs), -1);
  wheel_.schedule(id, kStartMs + 1'000);
  const int timeout_ms = wheel_.next_timeout_ms(kStartMs);
  EXPECT_GE(timeout_ms, 1'000);
  EXPECT_LE(timeout_ms, 1'000 + static_cast<int>(2 * kTickMs));
  EXPECT_EQ(wheel_.next_timeout_ms(kStartMs + 5'000), 0) << "overdue";
  wheel_.advance(kStartMs + 5'000);
  EXPECT_EQ(wheel_.next_timeout_ms(kStartMs + 5'000), -1);
}

// A loop that sleeps as it is told must not spin, and must not oversleep.
TEST_F(TimerWheelTest, WakesALoopInTimeForEverySlot) {
  const TimerId id = wheel_.add(timer_);
  uint64_t now_ms = kStartMs;
  for (uint64_t i = 0; i < TimerWheel::kSlotCount + 10; ++i) {
    const uint64_t deadline_ms = now_ms + 1 + i * 13 % (kTurnMs - kTickMs);
    wheel_.schedule(id, deadline_ms);
    const int before = timer_.fired_count;
    int wake_count = 0;
    while (timer_.fired_count == before) {
      const int timeout_ms = wheel_.next_timeout_ms(now_ms);
      ASSERT_GT(timeout_ms, 0);
      now_ms += static_cast<uint64_t>(timeout_ms);
      wheel_.advance(now_ms);
      ++wake_count;
    }
    ASSERT_EQ(wake_count, 1);
    ASSERT_GE(now_ms, deadline_ms);
    ASSERT_LE(now_ms, deadline_ms + 2 * kTickMs);
  }
}

// Timers as a list of deadlines: which must have fired, which must not have, which may.
class TwinTest {
 public:
  explicit TwinTest(uint64_t seed) : random_(seed) {}

  void step() {
    switch (random_.below(6)) {
      case 0:
      case 1: {
        auto timer = std::make_unique<Recorder>();
        const TimerId id = wheel_.add(*timer);
        ASSERT_FALSE(timers_.contains(id));
        timers_[id].recorder = std::move(timer);
        schedule(id);
        break;
      }
      case 2:
        if (const auto id = any()) schedule(*id);
        break;
      case 3:
        if (const auto id = any()) {
          wheel_.cancel(*id);
          timers_[*id].deadline_ms.reset();
        }
        break;
      case 4:
        if (const auto id = any()) {
          wheel_.remove(*id);
          timers_.erase(*id);
        }
        break;
      default:
        advance();
    }
    size_t running_count = 0;
    for (const auto& [id, timer] : timers_) running_count += timer.deadline_ms ? 1 : 0;
    ASSERT_EQ(wheel_.running_count(), running_count);
  }

 private:
  struct Timer {
    std::unique_ptr<Recorder> recorder;
    std::optional<uint64_t> deadline_ms;  // or when it was scheduled, if that is later
  };

  std::optional<TimerId> any() {
    if (timers_.empty()) return std::nullopt;
    return std::next(timers_.begin(), static_cast<ptrdiff_t>(random_.below(timers_.size())))->first;
  }
  void schedule(TimerId id) {
    const uint64_t spread_ms = random_.below(10) == 0 ? 4 * kTurnMs : 2'000;
    const uint64_t deadline_ms = now_ms_ + random_.below(spread_ms) - random_.below(100);
    wheel_.schedule(id, deadline_ms);
    timers_[id].deadline_ms = std::max(deadline_ms, now_ms_);
    timers_[id].recorder->fired_count = 0;
  }
  void advance() {
    const uint64_t stride_ms = random_.below(20) == 0 ? 3 * kTurnMs : 300;
    now_ms_ += random_.below(stride_ms);
    wheel_.advance(now_ms_);
    for (auto& [id, timer] : timers_) {
      const int fired_count = timer.recorder->fired_count;
      ASSERT_LE(fired_count, 1);
      if (!timer.deadline_ms) continue;
      if (fired_count == 0) {
        ASSERT_GT(*timer.deadline_ms + 2 * kTickMs, now_ms_) << "never late";
      } else {
        ASSERT_LE(*timer.deadline_ms, now_ms_) << "never before";
        timer.deadline_ms.reset();
      }
    }
  }

  Random random_;
  uint64_t now_ms_ = kStartMs;
  TimerWheel wheel_{kStartMs};
  std::map<TimerId, Timer> timers_;
};

TEST(TimerWheel, AgreesWithANaiveTwin) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    TwinTest test(seed);
    for (int i = 0; i < 2'000 && !testing::Test::HasFailure(); ++i) test.step();
  }
}

}  // namespace
}  // namespace carillon::net
