#include "carillon/publish/publisher.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "carillon/base/random.h"

namespace carillon::publish {
namespace {

constexpr size_t kRateKeysMax = 10'000;

metrics::Counter& outcome_counter(metrics::Registry& registry, const char* outcome) {
  return registry.counter("carillon_publishes_total",
                          "Events that publishers handed in, by what became of them",
                          {{"outcome", outcome}});
}

size_t accepted_count(const std::vector<std::string>& ids) {
  return ids.size() - static_cast<size_t>(std::ranges::count(ids, std::string()));
}

// Of an answer that is known by its ids.
PublishStatus status_of(const std::vector<std::string>& ids) {
  const bool is_whole = accepted_count(ids) == ids.size();
  return is_whole ? PublishStatus::kAccepted : PublishStatus::kPartial;
}

bool is_sent(PublishStatus status) {
  return status == PublishStatus::kAccepted || status == PublishStatus::kPartial;
}

}  // namespace

struct Publisher::Flight {
  std::vector<layer::Addressed> batch;
  PublishOptions options;
  Then then;
  size_t byte_count = 0;
  bool has_place = false;
  bool is_first_of_key = false;  // others with its key wait for its answer
  bool has_claim = false;        // of its key: to be remembered or forgotten
  std::vector<Notifications::Stored> stored = {};
  PublishResult result = {};
};

Publisher::Publisher(fanout::Node& node,
                     inbox::Inbox& inbox,
                     IdempotencyTable& idempotency,
                     metrics::Registry& registry,
                     const PublisherSettings& settings)
    : node_(node),
      inbox_(inbox),
      idempotency_(idempotency),
      settings_(settings),
      notifications_(node, inbox),
      id_prefix_(random_hex(8)),
      accepted_(outcome_counter(registry, "accepted")),
      no_room_(outcome_counter(registry, "no_room")),
      unavailable_(outcome_counter(registry, "unavailable")),
      key_reused_(outcome_counter(registry, "key_reused")),
      key_in_progress_(outcome_counter(registry, "key_in_progress")),
      rate_limited_(outcome_counter(registry, "rate_limited")),
      over_capacity_(registry.counter("carillon_layer_over_capacity_total",
                                      "Events that a named channel missed, being full")) {}

void Publisher::publish(layer::Addressed one, Then then) {
  std::vector<layer::Addressed> batch;
  batch.push_back(std::move(one));
  publish(std::move(batch), {}, std::move(then));
}

void Publisher::publish(std::vector<layer::Addressed> batch, PublishOptions options, Then then) {
  // Shared, since the answer must survive the refusal of the task that would give it.
  auto flight = std::make_shared<Flight>(
      Flight{.batch = std::move(batch), .options = std::move(options), .then = std::move(then)});
  if (node_.try_post([this, flight] { begin(flight); })) return;
  refused_at_the_door_.fetch_add(flight->batch.size(), std::memory_order_relaxed);
  if (flight->then) flight->then({.status = PublishStatus::kNoRoom});
}

bool Publisher::take_place(size_t event_count, size_t byte_count) {
  const bool has_place = under_way_events_ == 0 ||
                         (under_way_events_ + event_count <= settings_.under_way_events_max &&
                          under_way_bytes_ + byte_count <= settings_.under_way_bytes_max);
  if (!has_place) return false;
  under_way_events_ += event_count;
  under_way_bytes_ += byte_count;
  return true;
}

void Publisher::leave_place(size_t event_count, size_t byte_count) {
  under_way_events_ -= event_count;
  under_way_bytes_ -= byte_count;
}

void Publisher::begin(const FlightPtr& flight) {
  for (const layer::Addressed& addressed : flight->batch) {
    flight->byte_count += addressed.byte_count;
  }
  flight->has_place = take_place(flight->batch.size(), flight->byte_count);
  if (!flight->has_place) return finish(flight, PublishStatus::kNoRoom);
  if (flight->options.idempotency) return claim(flight);
  hand_in(flight);
}

void Publisher::claim(const FlightPtr& flight) {
  const IdempotencyKey& key = *flight->options.idempotency;
  const auto [answering, is_first] = answering_.try_emplace(key.key, Answering{key.body_hash, {}});
  if (!is_first) {
    if (answering->second.body_hash != key.body_hash) {
      return finish(flight, PublishStatus::kKeyReused);
    }
    answering->second.waiting.push_back(flight);
    return;
  }
  flight->is_first_of_key = true;
  idempotency_.claim(key, [this, flight](Claim claimed) {
    switch (claimed.outcome) {
      case ClaimOutcome::kYours:
        flight->has_claim = true;
        return hand_in(flight);
      case ClaimOutcome::kKnown:
        flight->result.ids = std::move(claimed.ids);
        return finish(flight, status_of(flight->result.ids));
      case ClaimOutcome::kOtherBody:
        return finish(flight, PublishStatus::kKeyReused);
      case ClaimOutcome::kInProgress:
        return finish(flight, PublishStatus::kKeyInProgress);
      case ClaimOutcome::kUnavailable:
        flight->result.trouble = std::move(claimed.trouble);
        return finish(flight, PublishStatus::kUnavailable);
    }
  });
}

void Publisher::hand_in(const FlightPtr& flight) {
  std::vector<layer::Addressed>& batch = flight->batch;
  if (is_over_rate(flight->options.rate_key, batch.size())) {
    return finish(flight, PublishStatus::kRateLimited);
  }
  layer::ChannelLayer& layer = node_.layer();
  if (!layer.takes_sends()) {
    flight->result.trouble = layer.trouble();
    return finish(flight, PublishStatus::kUnavailable);
  }
  if (!node_.has_room(batch)) return finish(flight, PublishStatus::kNoRoom);
  flight->stored = notifications_.store(batch);
  layer.group_send(batch,
                   [this, flight](layer::SendResult sent) { on_sent(flight, std::move(sent)); });
}

void Publisher::on_sent(const FlightPtr& flight, layer::SendResult sent) {
  notifications_.settle(flight->stored, sent);
  over_capacity_.add(sent.over_capacity_count);
  PublishResult& result = flight->result;
  result.over_capacity_count = sent.over_capacity_count;
  result.trouble = std::move(sent.trouble);
  if (sent.outcome == layer::SendOutcome::kAccepted) {
    result.ids.reserve(flight->batch.size());
    for (size_t i = 0; i < flight->batch.size(); ++i) {
      const bool is_accepted = sent.outcome_of(i) == layer::SendOutcome::kAccepted;
      result.ids.push_back(is_accepted ? next_id() : std::string());
    }
    return finish(flight, status_of(result.ids));
  }
  if (sent.outcome == layer::SendOutcome::kUnavailable) {
    if (result.trouble.empty()) result.trouble = node_.layer().trouble();
    return finish(flight, PublishStatus::kUnavailable);
  }
  finish(flight, PublishStatus::kNoRoom);
}

void Publisher::finish(const FlightPtr& flight, PublishStatus status) {
  flight->result.status = status;
  if (flight->has_place) leave_place(flight->batch.size(), flight->byte_count);
  count(flight->result, flight->batch.size());
  if (flight->is_first_of_key) end_key(*flight);
  if (flight->then) flight->then(std::move(flight->result));
}

void Publisher::end_key(const Flight& flight) {
  const IdempotencyKey& key = *flight.options.idempotency;
  const PublishResult& result = flight.result;
  if (flight.has_claim && is_sent(result.status)) idempotency_.remember(key, result.ids);
  if (flight.has_claim && !is_sent(result.status)) idempotency_.forget(key);
  const auto ended = answering_.extract(key.key);
  for (const FlightPtr& other : ended.mapped().waiting) {
    other->result = result;
    finish(other, result.status);
  }
}

bool Publisher::is_over_rate(const std::string& rate_key, size_t event_count) {
  if (settings_.rate_per_s == 0 || rate_key.empty()) return false;
  if (buckets_.size() >= kRateKeysMax && !buckets_.contains(rate_key)) buckets_.clear();
  Bucket& bucket = buckets_[rate_key];
  const uint64_t second = node_.loop().now_ms() / 1000;
  if (bucket.second != second) bucket = {.second = second};
  if (bucket.count != 0 && bucket.count + event_count > settings_.rate_per_s) return true;
  bucket.count += static_cast<uint32_t>(event_count);
  return false;
}

std::string Publisher::next_id() {
  char text[17];
  const auto end = std::to_chars(text, text + sizeof text, ++id_count_, 16).ptr;
  return id_prefix_ + "-" + std::string(text, end);
}

void Publisher::count(const PublishResult& result, size_t event_count) {
  if (refused_at_the_door_.load(std::memory_order_relaxed) != 0) {
    no_room_.add(refused_at_the_door_.exchange(0, std::memory_order_relaxed));
  }
  switch (result.status) {
    case PublishStatus::kAccepted:
      accepted_.add(event_count);
      return;
    case PublishStatus::kPartial: {
      const size_t accepted = accepted_count(result.ids);
      accepted_.add(accepted);
      unavailable_.add(event_count - accepted);
      return;
    }
    case PublishStatus::kNoRoom:
      no_room_.add(event_count);
      return;
    case PublishStatus::kUnavailable:
      unavailable_.add(event_count);
      return;
    case PublishStatus::kKeyReused:
      key_reused_.add(event_count);
      return;
    case PublishStatus::kKeyInProgress:
      key_in_progress_.add(event_count);
      return;
    case PublishStatus::kRateLimited:
      rate_limited_.add(event_count);
      return;
  }
}

void Publisher::unread_count(std::string user_id, UniqueFunction<void(uint64_t)> then) {
  node_.post([this, user_id = std::move(user_id), then = std::move(then)]() mutable {
    inbox_.unread_count(user_id, std::move(then));
  });
}

void Publisher::mark_read(std::string user_id,
                          json::Value id,
                          UniqueFunction<void(std::optional<uint64_t>)> then) {
  node_.post(
      [this, user_id = std::move(user_id), id = std::move(id), then = std::move(then)]() mutable {
        inbox_.mark_read(user_id, id, [&](std::optional<uint64_t> unread_count) {
          if (unread_count) notifications_.tell_unread_count(user_id, *unread_count);
          then(unread_count);
        });
      });
}

void Publisher::mark_all_read(std::string user_id, UniqueFunction<void(uint64_t)> then) {
  node_.post([this, user_id = std::move(user_id), then = std::move(then)]() mutable {
    inbox_.mark_all_read(user_id, [&](uint64_t unread_count) {
      notifications_.tell_unread_count(user_id, unread_count);
      then(unread_count);
    });
  });
}

void Publisher::send(std::string channel, layer::EventPtr event, size_t byte_count, OnSent then) {
  auto answer = std::make_shared<OnSent>(std::move(then));
  const bool was_posted = node_.try_post(
      [this, channel = std::move(channel), event = std::move(event), byte_count, answer]() mutable {
        if (!take_place(1, byte_count)) return (*answer)(layer::SendOutcome::kNoRoom);
        node_.layer().send(channel, std::move(event),
                           [this, byte_count, answer](const layer::SendResult& sent) {
                             leave_place(1, byte_count);
                             (*answer)(sent.outcome);
                           });
      });
  if (!was_posted) (*answer)(layer::SendOutcome::kNoRoom);
}

}  // namespace carillon::publish
