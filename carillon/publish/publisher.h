// The one way in for events: checked, stored where they must be, and handed to the channel layer.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "carillon/fanout/node.h"
#include "carillon/inbox/inbox.h"
#include "carillon/metrics/registry.h"
#include "carillon/publish/idempotency.h"
#include "carillon/publish/notifications.h"
#include "carillon/publish/notify.h"

namespace carillon::publish {

enum class PublishStatus : uint8_t {
  kAccepted,
  kPartial,        // some of a batch: hosts of the channel layer could not be reached
  kNoRoom,         // a mailbox is full: nothing was sent, try again in a second
  kUnavailable,    // the channel layer cannot be reached: nothing was sent
  kKeyReused,      // the idempotency key came before with another body
  kKeyInProgress,  // another node is answering the request with that key
  kRateLimited,    // over `rate_per_s` for this publisher
};

struct PublishResult {
  PublishStatus status = PublishStatus::kAccepted;
  std::vector<std::string> ids;  // one for each event, when accepted; empty where it was not
  size_t over_capacity_count = 0;
  std::string trouble;  // why the channel layer cannot be reached, in one line
};

struct PublishOptions {
  std::optional<IdempotencyKey> idempotency;
  std::string rate_key;  // who publishes; empty: no rate limit
};

struct PublisherSettings {
  uint32_t rate_per_s = 0;  // publishes for each rate_key; 0: no limit
  // Of events that wait for the layer's answer; past either: kNoRoom. No more than fits into what
  // a worker has behind its mailbox, since nothing is reserved for them meanwhile.
  size_t under_way_events_max = 4'096;
  size_t under_way_bytes_max = 64u << 20;
};

// One per process. Any thread may publish; the work is done on the node's loop, in the order in
// which one thread asked for it.
class Publisher {
 public:
  using Then = UniqueFunction<void(PublishResult)>;
  using OnSent = UniqueFunction<void(layer::SendOutcome)>;

  // All are borrowed for life.
  Publisher(fanout::Node& node,
            inbox::Inbox& inbox,
            IdempotencyTable& idempotency,
            metrics::Registry& registry,
            const PublisherSettings& settings);

  // All of `batch` or nothing, unless the layer has several hosts (kPartial). `then` is called
  // once, on the node's loop when the layer has answered, or at once when the node's own mailbox is
  // full. Two requests with one idempotency key at the same time are sent once and answered alike.
  void publish(std::vector<layer::Addressed> batch, PublishOptions options, Then then);
  void publish(layer::Addressed one, Then then = {});

  // Marks are asked for on any thread; `then` runs on the node's loop. The new count goes to every
  // connection of the user.
  void mark_read(std::string user_id,
                 json::Value id,
                 UniqueFunction<void(std::optional<uint64_t>)> then);
  void mark_all_read(std::string user_id, UniqueFunction<void(uint64_t)> then);
  void unread_count(std::string user_id, UniqueFunction<void(uint64_t)> then);

  // To a named channel (Channels' channel_layer.send). `then` is called as publish() does; without
  // room here the outcome is kNoRoom.
  void send(std::string channel, layer::EventPtr event, size_t byte_count, OnSent then);

 private:
  struct Bucket {
    uint64_t second = 0;
    uint32_t count = 0;
  };
  // One publish, from the request to its answer.
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;
  // A request with an idempotency key, and the same ones that came before it was answered.
  struct Answering {
    std::string body_hash;
    std::vector<FlightPtr> waiting;
  };

  void begin(const FlightPtr& flight);
  void claim(const FlightPtr& flight);
  void hand_in(const FlightPtr& flight);
  void on_sent(const FlightPtr& flight, layer::SendResult sent);
  void finish(const FlightPtr& flight, PublishStatus status);
  void end_key(const Flight& flight);

  // One alone has a place, however large it is.
  [[nodiscard]] bool take_place(size_t event_count, size_t byte_count);
  void leave_place(size_t event_count, size_t byte_count);
  bool is_over_rate(const std::string& rate_key, size_t event_count);
  std::string next_id();
  void count(const PublishResult& result, size_t event_count);

  fanout::Node& node_;
  inbox::Inbox& inbox_;
  IdempotencyTable& idempotency_;
  const PublisherSettings settings_;
  Notifications notifications_;
  std::unordered_map<std::string, Answering> answering_;  // by key; bounded by what is under way
  std::unordered_map<std::string, Bucket> buckets_;
  const std::string id_prefix_;
  uint64_t id_count_ = 0;
  size_t under_way_events_ = 0;
  size_t under_way_bytes_ = 0;
  // Told kNoRoom on other threads; joins `no_room_`, whose one writer is the node's loop.
  std::atomic<uint64_t> refused_at_the_door_ = 0;
  metrics::Counter& accepted_;
  metrics::Counter& no_room_;
  metrics::Counter& unavailable_;
  metrics::Counter& key_reused_;
  metrics::Counter& key_in_progress_;
  metrics::Counter& rate_limited_;
  metrics::Counter& over_capacity_;
};

}  // namespace carillon::publish
