#include "carillon/directory/lookups.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace carillon::directory {
namespace {

using auth::AuthError;

}  // namespace

LookupMetrics::LookupMetrics(
    const std::function<metrics::Counter&(const char* outcome)>& counter_of)
    : cached(counter_of("cached")),
      joined(counter_of("joined")),
      found(counter_of("found")),
      refused(counter_of("refused")),
      unavailable(counter_of("unavailable")),
      timed_out(counter_of("timed_out")),
      busy(counter_of("busy")) {}

Lookups::Lookups(net::EventLoop& loop, const LookupOptions& options, LookupMetrics metrics, Ask ask)
    : loop_(loop),
      options_(options),
      metrics_(metrics),
      ask_(std::move(ask)),
      memory_(options.answers_max),
      timer_(loop.timers().add(*this)) {}

Lookups::~Lookups() {
  loop_.timers().remove(timer_);
}

void Lookups::look_up(std::string_view key, std::string_view question, Then then) {
  if (const Answer* known = memory_.find(key, now_ms())) {
    metrics_.cached.add();
    return then(Answer(*known));  // what `then` asks may push it out of memory
  }
  const auto under_way = flights_.find(key);
  if (under_way != flights_.end()) {
    metrics_.joined.add();
    return wait_longer(under_way->second, std::move(then));
  }
  if (asked_count_ >= options_.concurrency_max && queue_.size() >= options_.queue_max) {
    metrics_.busy.add();
    return then(Err(AuthError::kDirectoryUnavailable));
  }
  add(key, question, std::move(then));
}

void Lookups::add(std::string_view key, std::string_view question, Then then) {
  const uint64_t deadline_ms = now_ms() + options_.timeout_ms;
  waited_for_.push_back({.key = std::string(key),
                         .question = std::string(question),
                         .waiting = {},
                         .deadline_ms = deadline_ms});
  const auto flight = std::prev(waited_for_.end());
  flight->waiting.push_back(std::move(then));
  flights_.emplace(flight->key, flight);
  schedule();
  // While any is queued none may overtake it.
  if (asked_count_ < options_.concurrency_max && queue_.empty()) return start(*flight);
  queue_.push_back(flight);
}

void Lookups::wait_longer(Flights::iterator flight, Then then) {
  if (flight->waiting.empty()) {
    flight->deadline_ms = now_ms() + options_.timeout_ms;
    waited_for_.splice(waited_for_.end(), given_up_, flight);
    schedule();
  }
  flight->waiting.push_back(std::move(then));
}

void Lookups::start(Flight& flight) {
  ++asked_count_;
  flight.is_asked = true;
  const std::string key = flight.key;  // the flight ends with its answer, which may come at once
  const std::string question = std::exchange(flight.question, {});
  if (options_.shared == nullptr) return ask_source(key, question);
  options_.shared->get(shared_key(key), [this, key, question](std::optional<std::string> text) {
    if (text) return on_kept(key, question, *text);
    ask_source(key, question);
  });
}

std::string Lookups::shared_key(const std::string& key) const {
  return std::string(options_.shared_prefix) + key;
}

void Lookups::ask_source(const std::string& key, const std::string& question) {
  ask_(question, [this, key](Answer answer) { on_answer(key, std::move(answer)); });
}

void Lookups::on_kept(const std::string& key, const std::string& question, std::string_view text) {
  const auto answer = parse_kept(text);
  if (!answer || ttl_ms(*answer) == 0) return ask_source(key, question);
  // How old it is nobody knows: it is kept here for a short time only.
  const uint64_t kept_ms = std::min(ttl_ms(*answer), kNegativeTtlMs);
  memory_.insert(key, *answer, now_ms() + kept_ms);
  metrics_.cached.add();
  finish(key, *answer);
}

void Lookups::on_answer(const std::string& key, Answer answer) {
  count(answer);
  const uint64_t kept_ms = ttl_ms(answer);
  if (kept_ms != 0) {
    memory_.insert(key, answer, now_ms() + kept_ms);
    if (options_.shared != nullptr) options_.shared->put(shared_key(key), keep(answer), kept_ms);
  }
  finish(key, answer);
}

void Lookups::finish(const std::string& key, const Answer& answer) {
  const auto found = flights_.find(key);
  const Flights::iterator flight = found->second;
  std::vector<Then> waiting = std::move(flight->waiting);
  const bool is_given_up = waiting.empty();
  flights_.erase(found);
  (is_given_up ? given_up_ : waited_for_).erase(flight);
  --asked_count_;
  start_queued();  // before those who waited are told: what they ask next has its turn
  for (Then& then : waiting) then(answer);
}

void Lookups::start_queued() {
  if (is_starting_) return;  // a source that answers at once: the call under way goes on
  is_starting_ = true;
  while (asked_count_ < options_.concurrency_max && !queue_.empty()) {
    const Flights::iterator next = queue_.front();
    queue_.pop_front();
    start(*next);
  }
  is_starting_ = false;
}

void Lookups::on_timer() {
  std::vector<Then> disappointed;
  while (!waited_for_.empty() && waited_for_.front().deadline_ms <= now_ms()) {
    const auto flight = waited_for_.begin();
    metrics_.timed_out.add();
    for (Then& then : std::exchange(flight->waiting, {})) disappointed.push_back(std::move(then));
    if (flight->is_asked) {
      given_up_.splice(given_up_.end(), waited_for_, flight);
      continue;
    }
    // The queue is in the order of the deadlines, too.
    queue_.pop_front();
    flights_.erase(flight->key);
    waited_for_.erase(flight);
  }
  schedule();
  for (Then& then : disappointed) then(Err(AuthError::kDirectoryUnavailable));
}

void Lookups::schedule() {
  if (waited_for_.empty()) return loop_.timers().cancel(timer_);
  loop_.timers().schedule(timer_, waited_for_.front().deadline_ms);
}

uint64_t Lookups::now_ms() const {
  return loop_.clock().monotonic_ms();
}

uint64_t Lookups::ttl_ms(const Answer& answer) const {
  if (!answer) {
    const bool is_known = answer.error() != AuthError::kDirectoryUnavailable;
    return is_known ? std::min(options_.ttl_ms, kNegativeTtlMs) : 0;
  }
  if (answer->expires_at_s == 0) return options_.ttl_ms;
  const int64_t left_ms = answer->expires_at_s * 1'000 - loop_.clock().wall_ms();
  return std::min(options_.ttl_ms, static_cast<uint64_t>(std::max<int64_t>(left_ms, 0)));
}

void Lookups::count(const Answer& answer) {
  if (answer) return metrics_.found.add();
  const bool is_unavailable = answer.error() == AuthError::kDirectoryUnavailable;
  (is_unavailable ? metrics_.unavailable : metrics_.refused).add();
}

}  // namespace carillon::directory
