// One question at a time for all who ask the same, and its answer remembered for a while.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "carillon/base/unique_function.h"
#include "carillon/directory/answer_cache.h"
#include "carillon/directory/answer_memory.h"
#include "carillon/directory/directory_answer.h"
#include "carillon/metrics/registry.h"
#include "carillon/net/event_loop.h"

namespace carillon::directory {

struct LookupOptions {
  uint64_t ttl_ms = 60'000;      // of an answer; 0: none is kept
  uint64_t timeout_ms = 2'000;   // then who waits is told kDirectoryUnavailable
  size_t answers_max = 100'000;  // kept in memory
  size_t concurrency_max = 32;   // questions under way
  size_t queue_max = 1'000;      // questions that wait for their turn; more are refused at once
  // Looked at before the source is asked, under `shared_prefix` and the key; borrowed for life.
  AnswerCache* shared = nullptr;
  std::string_view shared_prefix = {};  // a literal
};

// Counted: how each lookup was answered.
struct LookupMetrics {
  // `counter_of` makes the counter of one outcome.
  explicit LookupMetrics(const std::function<metrics::Counter&(const char* outcome)>& counter_of);

  metrics::Counter& cached;
  metrics::Counter& joined;  // waited for somebody else's question
  metrics::Counter& found;
  metrics::Counter& refused;  // unknown, inactive, or a session that is none
  metrics::Counter& unavailable;
  metrics::Counter& timed_out;
  metrics::Counter& busy;
};

// One per worker, on its loop. Answers that could not be had are not remembered, negative ones for
// at most kNegativeTtlMs. Who waits for one question is as many as ask it: they are connections,
// which Admission bounds.
class Lookups final : public net::TimerHandler {
 public:
  static constexpr uint64_t kNegativeTtlMs = 5'000;

  using Then = UniqueFunction<void(const Answer&)>;
  // Asks the source; must call `then` once, now or later.
  using Ask = UniqueFunction<void(const std::string& question, UniqueFunction<void(Answer)> then)>;

  // `loop` is borrowed for life. The source must not answer after the loop has ended.
  Lookups(net::EventLoop& loop, const LookupOptions& options, LookupMetrics metrics, Ask ask);
  ~Lookups();
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // Calls `then` once, now or later: with what is remembered under `key`, or what the source says
  // to `question`, which stands for the same.
  void look_up(std::string_view key, std::string_view question, Then then);

  void on_timer() override;

 private:
  struct Flight {
    std::string key;
    std::string question;
    std::vector<Then> waiting;
    uint64_t deadline_ms;
    bool is_asked = false;
  };
  using Flights = std::list<Flight>;

  void add(std::string_view key, std::string_view question, Then then);
  void wait_longer(Flights::iterator flight, Then then);
  void start(Flight& flight);
  std::string shared_key(const std::string& key) const;
  void ask_source(const std::string& key, const std::string& question);
  void on_kept(const std::string& key, const std::string& question, std::string_view text);
  void on_answer(const std::string& key, Answer answer);
  void finish(const std::string& key, const Answer& answer);
  void start_queued();
  void schedule();
  uint64_t now_ms() const;
  uint64_t ttl_ms(const Answer& answer) const;
  void count(const Answer& answer);

  net::EventLoop& loop_;
  const LookupOptions options_;
  LookupMetrics metrics_;
  Ask ask_;
  AnswerMemory memory_;
  const net::TimerId timer_;
  Flights waited_for_;  // somebody waits; the earliest deadline first
  Flights given_up_;    // asked, and nobody waits any more
  std::unordered_map<std::string_view, Flights::iterator> flights_;  // keys are the flights' own
  std::deque<Flights::iterator> queue_;                              // not asked yet
  size_t asked_count_ = 0;
  bool is_starting_ = false;
};

}  // namespace carillon::directory
