#include "carillon/redis/subscriber.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/redis/link.h"
#include "carillon/redis/timer.h"
#include "carillon/resp/command_writer.h"

namespace carillon::redis {
namespace {

// Names of one command, and names whose confirmation may be under way at a time.
constexpr size_t kNamesPerCommandMax = 512;
constexpr size_t kUnconfirmedMax = 8 * kNamesPerCommandMax;

LinkOptions link_options(Location location, const SubscriberOptions& options) {
  return {.location = std::move(location),
          .client_name = options.client_name,
          .connect_timeout_ms = options.connect_timeout_ms,
          .retry_ms_min = options.retry_ms_min,
          .retry_ms_max = options.retry_ms_max,
          .sentinel_interval_ms = options.sentinel_interval_ms,
          .reply_limits = options.reply_limits};
}

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// A channel or a pattern: what is wanted, and what Redis has been told.
struct Subscription {
  bool is_pattern = false;
  bool is_wanted = false;
  bool is_asked = false;           // the last that was sent of it is SUBSCRIBE
  bool is_changed = false;         // it waits for its command to be sent
  bool is_restored = false;        // wanted when the connection was made, and not settled since
  uint32_t unconfirmed_count = 0;  // commands

  bool is_confirmed() const { return is_asked && unconfirmed_count == 0; }
};

// Pointers to its entries stay good until they are erased.
using Subscriptions = std::unordered_map<std::string, Subscription, TextHash, std::equal_to<>>;

}  // namespace

// See Client::Core for its life.
class Subscriber::Core {
 public:
  Core(net::EventLoop& loop,
       net::Resolver& resolver,
       Location location,
       SubscriberEvents events,
       SubscriberOptions options)
      : loop_(loop),
        options_(std::move(options)),
        events_(std::move(events)),
        link_(loop,
              resolver,
              link_options(std::move(location), options_),
              {[this] { on_open(); }, [this](const resp::Reply& reply) { on_reply(reply); },
               [this](const Trouble& trouble) { on_end(trouble); }}),
        health_(loop, [this] { on_health_due(); }),
        trouble_{Cause::kNotConnected, "Redis is not connected yet; try again in a moment"},
        trouble_text_(trouble_.to_string()) {}

  void start() { link_.start(); }
  void close();
  bool want(std::string_view name, bool is_pattern);
  void unwant(std::string_view name, bool is_pattern);
  bool is_subscribed(std::string_view channel) const;

  bool is_ready() const noexcept { return is_ready_; }
  const Trouble& trouble() const noexcept { return trouble_; }
  const std::string& trouble_text() const noexcept { return trouble_text_; }
  size_t wanted_count() const noexcept { return wanted_count_; }
  uint64_t reconnect_count() const noexcept { return link_.reconnect_count(); }

 private:
  using Entry = Subscriptions::value_type;
  static constexpr size_t kVerbCount = 4;

  Subscriptions& subscriptions(bool is_pattern) { return is_pattern ? patterns_ : channels_; }
  void mark_changed(Entry& entry);
  void send_changed();
  void ask(Entry& entry, std::vector<std::string_view> (&names)[kVerbCount]);
  void send_names(size_t verb, std::vector<std::string_view>& names);
  void settle(Entry& entry);

  void on_open();
  void restore(Subscriptions& subscriptions);
  void on_reply(const resp::Reply& reply);
  void on_confirmation(bool is_subscribed, bool is_pattern, std::string_view name);
  void on_end(const Trouble& trouble);
  void become_ready();
  void on_health_due();

  net::EventLoop& loop_;
  const SubscriberOptions options_;
  SubscriberEvents events_;
  Link link_;
  Timer health_;
  Subscriptions channels_;
  Subscriptions patterns_;
  size_t wanted_count_ = 0;
  std::vector<Entry*> changed_;   // each is_changed, in the order of the calls
  size_t unconfirmed_count_ = 0;  // names
  size_t unrestored_count_ = 0;   // names
  uint64_t ping_sent_ms_ = 0;     // 0: none is under way
  Trouble trouble_;
  std::string trouble_text_;
  bool was_ready_ = false;  // once
  bool is_ready_ = false;
  bool is_send_posted_ = false;
  bool is_closed_ = false;
};

void Subscriber::Core::close() {
  is_closed_ = true;
  is_ready_ = false;
  health_.cancel();
  link_.close();
}

bool Subscriber::Core::want(std::string_view name, bool is_pattern) {
  Subscriptions& names = subscriptions(is_pattern);
  auto found = names.find(name);
  if (found != names.end() && found->second.is_wanted) return true;
  if (wanted_count_ >= options_.channel_count_max) return false;
  if (found == names.end()) {
    found = names.emplace(std::string(name), Subscription{.is_pattern = is_pattern}).first;
  }
  ++wanted_count_;
  found->second.is_wanted = true;
  mark_changed(*found);
  return true;
}

void Subscriber::Core::unwant(std::string_view name, bool is_pattern) {
  Subscriptions& names = subscriptions(is_pattern);
  const auto found = names.find(name);
  if (found == names.end() || !found->second.is_wanted) return;
  --wanted_count_;
  found->second.is_wanted = false;
  mark_changed(*found);
}

bool Subscriber::Core::is_subscribed(std::string_view channel) const {
  const auto found = channels_.find(channel);
  return link_.is_open() && found != channels_.end() && found->second.is_wanted &&
         found->second.is_confirmed();
}

void Subscriber::Core::mark_changed(Entry& entry) {
  if (entry.second.is_changed) return;
  entry.second.is_changed = true;
  changed_.push_back(&entry);
  if (is_send_posted_) return;
  is_send_posted_ = true;
  loop_.post([this] {
    is_send_posted_ = false;
    if (!is_closed_) send_changed();
  });
}

// Sends what is wanted now, whatever was asked in between. Without a connection the names only stop
// waiting: on_open() goes through all of them.
void Subscriber::Core::send_changed() {
  std::vector<std::string_view> names[kVerbCount];
  size_t taken_count = 0;
  for (; taken_count < changed_.size() && unconfirmed_count_ < kUnconfirmedMax; ++taken_count) {
    Entry& entry = *changed_[taken_count];
    entry.second.is_changed = false;
    if (link_.is_open()) ask(entry, names);
    settle(entry);
  }
  changed_.erase(changed_.begin(), changed_.begin() + static_cast<ptrdiff_t>(taken_count));
  for (size_t verb = 0; verb < kVerbCount; ++verb) send_names(verb, names[verb]);
  if (link_.is_open()) link_.connection().flush();
  if (unrestored_count_ == 0) become_ready();
}

void Subscriber::Core::ask(Entry& entry, std::vector<std::string_view> (&names)[kVerbCount]) {
  Subscription& subscription = entry.second;
  if (subscription.is_wanted == subscription.is_asked) return;
  subscription.is_asked = subscription.is_wanted;
  ++subscription.unconfirmed_count;
  ++unconfirmed_count_;
  const size_t verb = (subscription.is_wanted ? 0u : 1u) + (subscription.is_pattern ? 2u : 0u);
  names[verb].push_back(entry.first);
  if (names[verb].size() >= kNamesPerCommandMax) send_names(verb, names[verb]);
}

void Subscriber::Core::send_names(size_t verb, std::vector<std::string_view>& names) {
  static constexpr std::string_view kVerbs[kVerbCount] = {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE",
                                                          "PUNSUBSCRIBE"};
  if (names.empty()) return;
  names.insert(names.begin(), kVerbs[verb]);
  resp::append_command(link_.connection().output(), names);
  names.clear();
}

// Nothing of it may be under way any more: then it counts as restored, or is forgotten.
void Subscriber::Core::settle(Entry& entry) {
  Subscription& subscription = entry.second;
  if (subscription.is_changed || subscription.unconfirmed_count > 0) return;
  if (subscription.is_restored) {
    subscription.is_restored = false;
    --unrestored_count_;
  }
  if (subscription.is_wanted || subscription.is_asked) return;
  Subscriptions& names = subscriptions(subscription.is_pattern);
  names.erase(names.find(entry.first));
}

void Subscriber::Core::on_open() {
  ping_sent_ms_ = 0;
  health_.schedule_in(options_.ping_interval_ms);
  changed_.clear();
  unconfirmed_count_ = 0;
  unrestored_count_ = 0;
  restore(channels_);
  restore(patterns_);
  send_changed();
}

void Subscriber::Core::restore(Subscriptions& subscriptions) {
  std::erase_if(subscriptions, [](const Entry& entry) { return !entry.second.is_wanted; });
  for (Entry& entry : subscriptions) {
    Subscription& subscription = entry.second;
    subscription.is_asked = false;
    subscription.unconfirmed_count = 0;
    subscription.is_restored = true;
    subscription.is_changed = true;
    ++unrestored_count_;
    changed_.push_back(&entry);
  }
}

void Subscriber::Core::on_reply(const resp::Reply& reply) {
  if (reply.is_error()) return link_.drop(trouble_of(reply.text));
  if (!reply.is_array() || reply.elements.size() < 2) return;  // +PONG
  const std::string& kind = reply.elements[0].text;
  const std::string& name = reply.elements[1].text;
  const size_t size = reply.elements.size();
  if (kind == "message" && size == 3) {
    events_.on_message({name, reply.elements[2].text, {}});
  } else if (kind == "pmessage" && size == 4) {
    events_.on_message({reply.elements[2].text, reply.elements[3].text, name});
  } else if (kind == "subscribe" || kind == "psubscribe") {
    on_confirmation(true, kind.front() == 'p', name);
  } else if (kind == "unsubscribe" || kind == "punsubscribe") {
    on_confirmation(false, kind.front() == 'p', name);
  }
}

void Subscriber::Core::on_confirmation(bool is_subscribed, bool is_pattern, std::string_view name) {
  Subscriptions& names = subscriptions(is_pattern);
  const auto found = names.find(name);
  if (found == names.end() || found->second.unconfirmed_count == 0) {
    return link_.drop({Cause::kNotRedis, "a subscription was confirmed that nobody had asked for"});
  }
  Subscription& subscription = found->second;
  --subscription.unconfirmed_count;
  --unconfirmed_count_;
  const bool is_news =
      is_subscribed && !is_pattern && subscription.is_wanted && subscription.is_confirmed();
  settle(*found);
  if (is_news && events_.on_subscribed) events_.on_subscribed(name);
  if (is_closed_ || !link_.is_open()) return;
  // Whole commands, rather than a name for each that is confirmed.
  const bool has_room = unconfirmed_count_ + kNamesPerCommandMax <= kUnconfirmedMax;
  if (!changed_.empty() && has_room) return send_changed();
  if (unrestored_count_ == 0) become_ready();
}

void Subscriber::Core::on_end(const Trouble& trouble) {
  health_.cancel();
  if (!is_ready_ && trouble == trouble_) return;
  is_ready_ = false;
  trouble_ = trouble;
  trouble_text_ = trouble.to_string();
  if (events_.on_change) events_.on_change();
}

void Subscriber::Core::become_ready() {
  if (is_ready_ || !link_.is_open()) return;
  const bool is_again = std::exchange(was_ready_, true);
  is_ready_ = true;
  trouble_ = {};
  trouble_text_.clear();
  if (events_.on_change) events_.on_change();
  if (is_again && !is_closed_ && is_ready_ && events_.on_resubscribed) events_.on_resubscribed();
}

void Subscriber::Core::on_health_due() {
  if (!link_.is_open()) return;
  const uint64_t now_ms = loop_.now_ms();
  const uint64_t read_ms = link_.connection().last_read_ms();
  if (ping_sent_ms_ != 0 && read_ms < ping_sent_ms_) {
    const uint64_t deadline_ms = ping_sent_ms_ + options_.ping_timeout_ms;
    if (now_ms < deadline_ms) return health_.schedule_at(deadline_ms);
    return link_.drop({Cause::kTimeout, "Redis has not answered a PING for " +
                                            std::to_string(options_.ping_timeout_ms) + " ms"});
  }
  ping_sent_ms_ = 0;
  if (now_ms < read_ms + options_.ping_interval_ms) {
    return health_.schedule_at(read_ms + options_.ping_interval_ms);
  }
  ping_sent_ms_ = now_ms;
  resp::append_command(link_.connection().output(), {"PING"});
  link_.connection().flush();
  health_.schedule_at(now_ms + options_.ping_timeout_ms);
}

Subscriber::Subscriber(net::EventLoop& loop,
                       net::Resolver& resolver,
                       Location location,
                       SubscriberEvents events,
                       SubscriberOptions options)
    : loop_(loop),
      core_(std::make_unique<Core>(
          loop, resolver, std::move(location), std::move(events), std::move(options))) {}

Subscriber::~Subscriber() {
  retire(loop_, std::move(core_));
}

void Subscriber::start() {
  core_->start();
}
bool Subscriber::subscribe(std::string_view channel) {
  return core_->want(channel, false);
}
void Subscriber::unsubscribe(std::string_view channel) {
  core_->unwant(channel, false);
}
bool Subscriber::psubscribe(std::string_view pattern) {
  return core_->want(pattern, true);
}
void Subscriber::punsubscribe(std::string_view pattern) {
  core_->unwant(pattern, true);
}
bool Subscriber::is_subscribed(std::string_view channel) const {
  return core_->is_subscribed(channel);
}
bool Subscriber::is_ready() const noexcept {
  return core_->is_ready();
}
const std::string& Subscriber::trouble() const noexcept {
  return core_->trouble_text();
}
Cause Subscriber::cause() const noexcept {
  return core_->trouble().cause;
}
size_t Subscriber::channel_count() const noexcept {
  return core_->wanted_count();
}
uint64_t Subscriber::reconnect_count() const noexcept {
  return core_->reconnect_count();
}
void Subscriber::stop() {
  core_->close();
}

}  // namespace carillon::redis
