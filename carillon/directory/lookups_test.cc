#include "carillon/directory/lookups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>

namespace carillon::directory {
namespace {

using auth::AuthError;
using testing::ElementsAre;

// The test is the source: it keeps each question until it answers.
class LookupsTest : public testing::Test {
 protected:
  LookupsTest() : loop_(std::move(*net::EventLoop::make(clock_))) {}

  Lookups& make(LookupOptions options = {}) {
    lookups_ = std::make_unique<Lookups>(
        *loop_, options, LookupMetrics([this](const char* outcome) -> metrics::Counter& {
          return registry_.counter("lookups", "Lookups", {{"outcome", outcome}});
        }),
        [this](const std::string& question, UniqueFunction<void(Answer)> then) {
          asked_.push_back(question);
          if (at_once_) return then(*at_once_);
          pending_.emplace(question, std::move(then));
        });
    return *lookups_;
  }

  void ask(const std::string& key) {
    lookups_->look_up(key, "who is " + key, [this, key](const Answer& answer) {
      answers_.push_back(key + (answer ? " is " + answer->user_id
                                       : " " + std::string(auth::slug(answer.error()))));
    });
  }

  void answer(const std::string& key, const Answer& answer) {
    auto found = pending_.extract("who is " + key);
    ASSERT_FALSE(found.empty()) << key;
    found.mapped()(answer);
  }
  void answer(const std::string& key) { answer(key, user(key)); }

  static Answer user(const std::string& id, int64_t expires_at_s = 0) {
    return auth::Identity{.user_id = id, .expires_at_s = expires_at_s};
  }

  void pass_ms(int64_t ms) {
    clock_.advance_ms(ms);
    loop_->timers().advance(clock_.monotonic_ms() + 2 * net::TimerWheel::kTickMs);
  }

  int64_t count(const char* outcome) { return registry_.total("lookups", {{"outcome", outcome}}); }

  FakeClock clock_;
  metrics::Registry registry_;
  std::unique_ptr<net::EventLoop> loop_;
  std::optional<Answer> at_once_;
  std::vector<std::string> asked_;
  std::multimap<std::string, UniqueFunction<void(Answer)>> pending_;
  std::vector<std::string> answers_;
  std::unique_ptr<Lookups> lookups_;
};

TEST_F(LookupsTest, AsksOnceForAllWhoWait) {
  make();
  for (int i = 0; i < 3; ++i) ask("7");
  EXPECT_THAT(asked_, ElementsAre("who is 7"));
  EXPECT_TRUE(answers_.empty());
  answer("7");
  EXPECT_THAT(answers_, ElementsAre("7 is 7", "7 is 7", "7 is 7"));
  EXPECT_EQ(count("found"), 1);
  EXPECT_EQ(count("joined"), 2);
}

TEST_F(LookupsTest, AsksForEachUser) {
  make();
  ask("7");
  ask("8");
  answer("8");
  answer("7");
  EXPECT_THAT(answers_, ElementsAre("8 is 8", "7 is 7"));
}

TEST_F(LookupsTest, RemembersAnAnswer) {
  make();
  ask("7");
  answer("7");
  ask("7");
  EXPECT_EQ(asked_.size(), 1u);
  EXPECT_EQ(count("cached"), 1);
  EXPECT_THAT(answers_, ElementsAre("7 is 7", "7 is 7"));
}

TEST_F(LookupsTest, RemembersNothingWithATtlOfZero) {
  make({.ttl_ms = 0});
  ask("7");
  answer("7");
  ask("7");
  EXPECT_EQ(asked_.size(), 2u);
}

TEST_F(LookupsTest, RemembersRefusalsButNotThatNobodyCouldSay) {
  make();
  ask("7");
  answer("7", Err(AuthError::kUserNotFound));
  ask("7");
  EXPECT_EQ(asked_.size(), 1u);
  ask("8");
  answer("8", Err(AuthError::kDirectoryUnavailable));
  ask("8");
  EXPECT_EQ(asked_.size(), 3u);
  EXPECT_THAT(answers_,
              ElementsAre("7 user_not_found", "7 user_not_found", "8 directory_unavailable"));
  EXPECT_EQ(count("refused"), 1);
  EXPECT_EQ(count("unavailable"), 1);
}

TEST_F(LookupsTest, ForgetsRefusalsSoonerThanRights) {
  make({.ttl_ms = 60'000});
  ask("7");
  answer("7");
  ask("8");
  answer("8", Err(AuthError::kUserInactive));
  pass_ms(static_cast<int64_t>(Lookups::kNegativeTtlMs));
  ask("7");
  EXPECT_EQ(asked_.size(), 2u);
  ask("8");
  EXPECT_EQ(asked_.size(), 3u);
}

TEST_F(LookupsTest, RemembersNoLongerThanTheSessionLasts) {
  make({.ttl_ms = 60'000});
  const int64_t now_s = clock_.wall_s();
  ask("over");
  answer("over", user("7", now_s));
  ask("over");
  EXPECT_EQ(asked_.size(), 2u);
  ask("short");
  answer("short", user("8", now_s + 10));
  pass_ms(10'000);
  ask("short");
  EXPECT_EQ(asked_.size(), 4u);
}

TEST_F(LookupsTest, AsksSoManyAtOnceAndTheRestInTheirTurn) {
  make({.concurrency_max = 2, .queue_max = 2});
  for (const char* user : {"1", "2", "3", "4"}) ask(user);
  EXPECT_THAT(asked_, ElementsAre("who is 1", "who is 2"));
  ask("5");
  EXPECT_THAT(answers_, ElementsAre("5 directory_unavailable")) << "the queue is full";
  EXPECT_EQ(count("busy"), 1);
  ask("4");
  EXPECT_EQ(answers_.size(), 1u) << "waits with the one in the queue";
  answer("2");
  EXPECT_THAT(asked_, ElementsAre("who is 1", "who is 2", "who is 3"));
  answer("1");
  answer("3");
  answer("4");
  EXPECT_THAT(answers_, ElementsAre("5 directory_unavailable", "2 is 2", "1 is 1", "3 is 3",
                                    "4 is 4", "4 is 4"));
}

TEST_F(LookupsTest, TellsWhoWaitsTooLongAndTakesTheLateAnswerAnyway) {
  make({.timeout_ms = 2'000});
  ask("7");
  pass_ms(1'900);
  EXPECT_TRUE(answers_.empty());
  pass_ms(100);
  EXPECT_THAT(answers_, ElementsAre("7 directory_unavailable"));
  EXPECT_EQ(count("timed_out"), 1);
  answer("7");
  ask("7");
  EXPECT_EQ(asked_.size(), 1u);
  EXPECT_THAT(answers_, ElementsAre("7 directory_unavailable", "7 is 7"));
}

TEST_F(LookupsTest, LetsNewOnesWaitForAQuestionThatOthersGaveUp) {
  make({.timeout_ms = 2'000});
  ask("7");
  pass_ms(2'000);
  ask("7");
  pass_ms(1'900);
  EXPECT_EQ(answers_.size(), 1u);
  answer("7");
  EXPECT_THAT(answers_, ElementsAre("7 directory_unavailable", "7 is 7"));
  EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(LookupsTest, CountsWhatIsGivenUpAgainstItsBound) {
  make({.timeout_ms = 2'000, .concurrency_max = 1, .queue_max = 1});
  ask("1");
  ask("2");
  pass_ms(2'000);
  EXPECT_THAT(answers_, ElementsAre("1 directory_unavailable", "2 directory_unavailable"));
  ask("3");
  EXPECT_EQ(asked_.size(), 1u) << "the source still has the first";
  answer("1");
  EXPECT_THAT(asked_, ElementsAre("who is 1", "who is 3")) << "nobody waits for the second";
  answer("3");
  EXPECT_EQ(answers_.back(), "3 is 3");
}

TEST_F(LookupsTest, TakesAnswersThatComeAtOnce) {
  make({.concurrency_max = 1});
  at_once_ = user("7");
  ask("7");
  EXPECT_THAT(answers_, ElementsAre("7 is 7"));
  at_once_.reset();
  ask("1");
  for (int i = 100; i < 198; ++i) ask(std::to_string(i));
  at_once_ = user("x");
  answer("1");
  EXPECT_EQ(answers_.size(), 100u);
  EXPECT_EQ(asked_.size(), 100u);
}

TEST_F(LookupsTest, MayBeAskedFromInsideAnAnswer) {
  make({.concurrency_max = 1});
  lookups_->look_up("1", "who is 1", [this](const Answer&) { ask("2"); });
  ask("3");
  answer("1");
  EXPECT_THAT(asked_, ElementsAre("who is 1", "who is 3"));
  answer("3");
  answer("2");
  EXPECT_THAT(answers_, ElementsAre("3 is 3", "2 is 2"));
}

// Shared with other processes: answers at once, or when the test says so.
class SharedAnswers final : public AnswerCache {
 public:
  void get(std::string_view key, Then then) override {
    const auto found = kept.find(std::string(key));
    then(found == kept.end() ? std::nullopt : std::optional(found->second));
  }
  void put(std::string_view key, std::string_view value, uint64_t ttl_ms) override {
    kept[std::string(key)] = value;
    ttls_ms.push_back(ttl_ms);
  }
  std::map<std::string, std::string> kept;
  std::vector<uint64_t> ttls_ms;
};

TEST_F(LookupsTest, LooksIntoTheSharedCacheBeforeItAsks) {
  SharedAnswers shared;
  shared.kept["user:7"] = keep(user("7"));
  shared.kept["user:8"] = "no answer";
  make({.ttl_ms = 60'000, .shared = &shared, .shared_prefix = "user:"});
  ask("7");
  EXPECT_THAT(answers_, ElementsAre("7 is 7"));
  EXPECT_TRUE(asked_.empty());
  ask("8");
  ask("9");
  EXPECT_THAT(asked_, ElementsAre("who is 8", "who is 9"));
  answer("8");
  answer("9", Err(AuthError::kUserNotFound));
  EXPECT_EQ(shared.kept["user:8"], keep(user("8")));
  EXPECT_EQ(shared.kept["user:9"], keep(Err(AuthError::kUserNotFound)));
  EXPECT_THAT(shared.ttls_ms, ElementsAre(60'000u, Lookups::kNegativeTtlMs));
}

TEST_F(LookupsTest, SharesNoFailure) {
  SharedAnswers shared;
  make({.shared = &shared});
  ask("7");
  answer("7", Err(AuthError::kDirectoryUnavailable));
  EXPECT_TRUE(shared.kept.empty());
}

}  // namespace
}  // namespace carillon::directory
