#include "carillon/publish/publisher.h"

#include <charconv>

#include "carillon/base/random.h"

namespace carillon::publish {
namespace {

constexpr std::string_view kInboxGroupPrefix = "notifications_";
constexpr size_t kRateKeysMax = 10'000;

metrics::Counter& outcome_counter(metrics::Registry& registry, const char* outcome) {
  return registry.counter("carillon_publishes_total",
                          "Events that publishers handed in, by what became of them",
                          {{"outcome", outcome}});
}

layer::Addressed unread_count_event(const std::string& user_id, uint64_t unread_count) {
  json::Value object = json::Value::object();
  object.set("type", json::Value("unread_count"));
  object.set("unread_count", json::Value(unread_count));
  auto event = std::make_shared<const layer::Event>(layer::Event::make_internal(std::move(object)));
  return {std::string(kInboxGroupPrefix) + user_id, std::move(event), 64};
}

}  // namespace

Publisher::Publisher(fanout::Node& node,
                     inbox::Inbox& inbox,
                     metrics::Registry& registry,
                     const PublisherSettings& settings)
    : node_(node),
      inbox_(inbox),
      settings_(settings),
      idempotency_(settings.idempotency_keys_max, node.loop().clock()),
      id_prefix_(random_hex(8)),
      accepted_(outcome_counter(registry, "accepted")),
      no_room_(outcome_counter(registry, "no_room")),
      unavailable_(outcome_counter(registry, "unavailable")),
      key_reused_(outcome_counter(registry, "key_reused")),
      rate_limited_(outcome_counter(registry, "rate_limited")),
      over_capacity_(registry.counter("carillon_layer_over_capacity_total",
                                      "Events that a named channel missed, being full")) {}

void Publisher::publish(layer::Addressed one, Then then) {
  std::vector<layer::Addressed> batch;
  batch.push_back(std::move(one));
  publish(std::move(batch), {}, std::move(then));
}

void Publisher::publish(std::vector<layer::Addressed> batch, PublishOptions options, Then then) {
  // The answer must survive the refusal of the task that would give it.
  auto answer = std::make_shared<Then>(std::move(then));
  const bool was_posted = node_.try_post(
      [this, batch = std::move(batch), options = std::move(options), answer]() mutable {
        PublishResult result = publish_now(batch, options);
        count(result, batch.size());
        if (*answer) (*answer)(std::move(result));
      });
  if (!was_posted && *answer) (*answer)({.status = PublishStatus::kNoRoom});
}

PublishResult Publisher::publish_now(std::vector<layer::Addressed>& batch,
                                     const PublishOptions& options) {
  if (options.idempotency) {
    if (const auto* known = idempotency_.find(options.idempotency->key)) {
      if (known->body_hash != options.idempotency->body_hash) {
        return {.status = PublishStatus::kKeyReused};
      }
      return {.ids = known->ids};
    }
  }
  if (is_over_rate(options.rate_key, batch.size())) return {.status = PublishStatus::kRateLimited};
  layer::ChannelLayer& layer = node_.layer();
  if (!layer.is_ready()) return {.status = PublishStatus::kUnavailable};
  if (!node_.has_room(batch)) return {.status = PublishStatus::kNoRoom};
  PublishResult result;
  for (layer::Addressed& addressed : batch) {
    store(addressed);
    result.ids.push_back(next_id());
  }
  layer.group_send(batch, [&result](const layer::SendResult& sent) {
    result.over_capacity_count = sent.over_capacity_count;
    if (sent.outcome == layer::SendOutcome::kNoRoom) result.status = PublishStatus::kNoRoom;
    if (sent.outcome == layer::SendOutcome::kUnavailable) {
      result.status = PublishStatus::kUnavailable;
    }
  });
  if (options.idempotency && result.status == PublishStatus::kAccepted) {
    idempotency_.remember(*options.idempotency, result.ids);
  }
  return result;
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

void Publisher::store(layer::Addressed& addressed) {
  if (!addressed.group.starts_with(kInboxGroupPrefix)) return;
  if (addressed.event->type() != "notification") return;
  const json::Value* notification = addressed.event->object().find("notification");
  if (notification == nullptr || !notification->is_object()) return;
  const std::string user_id = addressed.group.substr(kInboxGroupPrefix.size());
  inbox_.add(user_id, *notification, [&addressed](inbox::Stored stored) {
    json::Value object = addressed.event->object();
    object.set("notification", std::move(stored.notification));
    object.set("unread_count", json::Value(stored.unread_count));
    addressed.event =
        std::make_shared<const layer::Event>(layer::Event::make_internal(std::move(object)));
  });
}

std::string Publisher::next_id() {
  char text[17];
  const auto end = std::to_chars(text, text + sizeof text, ++id_count_, 16).ptr;
  return id_prefix_ + "-" + std::string(text, end);
}

void Publisher::count(const PublishResult& result, size_t event_count) {
  over_capacity_.add(result.over_capacity_count);
  switch (result.status) {
    case PublishStatus::kAccepted:
      accepted_.add(event_count);
      return;
    case PublishStatus::kNoRoom:
      no_room_.add(event_count);
      return;
    case PublishStatus::kUnavailable:
      unavailable_.add(event_count);
      return;
    case PublishStatus::kKeyReused:
      key_reused_.add(event_count);
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
          if (unread_count) send_unread_count(user_id, *unread_count);
          then(unread_count);
        });
      });
}

void Publisher::mark_all_read(std::string user_id, UniqueFunction<void(uint64_t)> then) {
  node_.post([this, user_id = std::move(user_id), then = std::move(then)]() mutable {
    inbox_.mark_all_read(user_id, [&](uint64_t unread_count) {
      send_unread_count(user_id, unread_count);
      then(unread_count);
    });
  });
}

void Publisher::send_unread_count(const std::string& user_id, uint64_t unread_count) {
  const layer::Addressed addressed = unread_count_event(user_id, unread_count);
  node_.layer().group_send({&addressed, 1}, [](const layer::SendResult&) {});
}

void Publisher::send(std::string channel, layer::EventPtr event, UniqueFunction<void(bool)> then) {
  node_.post([this, channel = std::move(channel), event = std::move(event),
              then = std::move(then)]() mutable {
    node_.layer().send(channel, std::move(event), [&](const layer::SendResult& sent) {
      then(sent.outcome == layer::SendOutcome::kAccepted);
    });
  });
}

}  // namespace carillon::publish
