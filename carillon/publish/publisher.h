// The one way in for events: checked, stored where they must be, and handed to the channel layer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "carillon/fanout/node.h"
#include "carillon/inbox/inbox.h"
#include "carillon/metrics/registry.h"
#include "carillon/publish/idempotency.h"
#include "carillon/publish/notify.h"

namespace carillon::publish {

enum class PublishStatus : uint8_t {
  kAccepted,
  kNoRoom,       // a mailbox is full: nothing was sent, try again in a second
  kUnavailable,  // the channel layer cannot be reached: nothing was sent
  kKeyReused,    // the idempotency key came before with another body
  kRateLimited,  // over `rate_per_s` for this publisher
};

struct PublishResult {
  PublishStatus status = PublishStatus::kAccepted;
  std::vector<std::string> ids;  // one for each event, when accepted
  size_t over_capacity_count = 0;
};

struct PublishOptions {
  std::optional<IdempotencyKey> idempotency;
  std::string rate_key;  // who publishes; empty: no rate limit
};

struct PublisherSettings {
  size_t idempotency_keys_max = 100'000;
  uint32_t rate_per_s = 0;  // publishes for each rate_key; 0: no limit
};

// One per process. Any thread may publish; the work is done on the node's loop, in the order in
// which one thread asked for it.
class Publisher {
 public:
  using Then = UniqueFunction<void(PublishResult)>;

  // All are borrowed for life.
  Publisher(fanout::Node& node,
            inbox::Inbox& inbox,
            metrics::Registry& registry,
            const PublisherSettings& settings);

  // All of `batch` or nothing. `then` is called once, on the node's loop, or at once when the
  // node's own mailbox is full.
  void publish(std::vector<layer::Addressed> batch, PublishOptions options, Then then);
  void publish(layer::Addressed one, Then then = {});

  // Marks are asked for on any thread; `then` runs on the node's loop. The new count goes to every
  // connection of the user.
  void mark_read(std::string user_id,
                 json::Value id,
                 UniqueFunction<void(std::optional<uint64_t>)> then);
  void mark_all_read(std::string user_id, UniqueFunction<void(uint64_t)> then);
  void unread_count(std::string user_id, UniqueFunction<void(uint64_t)> then);

  // To a named channel (Channels' channel_layer.send).
  void send(std::string channel, layer::EventPtr event, UniqueFunction<void(bool was_sent)> then);

 private:
  struct Bucket {
    uint64_t second = 0;
    uint32_t count = 0;
  };
  PublishResult publish_now(std::vector<layer::Addressed>& batch, const PublishOptions& options);
  bool is_over_rate(const std::string& rate_key, size_t event_count);
  // A notification for a user is stored first, and its event gains what the inbox added.
  void store(layer::Addressed& addressed);
  void send_unread_count(const std::string& user_id, uint64_t unread_count);
  std::string next_id();
  void count(const PublishResult& result, size_t event_count);

  fanout::Node& node_;
  inbox::Inbox& inbox_;
  const PublisherSettings settings_;
  IdempotencyTable idempotency_;
  std::unordered_map<std::string, Bucket> buckets_;
  const std::string id_prefix_;
  uint64_t id_count_ = 0;
  metrics::Counter& accepted_;
  metrics::Counter& no_room_;
  metrics::Counter& unavailable_;
  metrics::Counter& key_reused_;
  metrics::Counter& rate_limited_;
  metrics::Counter& over_capacity_;
};

}  // namespace carillon::publish
