// The process's place in the channel layer, and the one door through which events reach members.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "carillon/fanout/event_mailbox.h"
#include "carillon/fanout/waiting_events.h"
#include "carillon/layer/channel_layer.h"
#include "carillon/log/logger.h"
#include "carillon/metrics/registry.h"
#include "carillon/net/event_loop.h"

namespace carillon::fanout {

struct NodeOptions {
  // Types of these are state events, whoever sends them (see Hub::state_of).
  std::set<std::string> state_types = {};
  WaitingLimits waiting = {};  // for each worker
};

// One per process, with a loop and a thread of its own: every event of every group passes here, so
// there is one order for each group, one subscription and one rendering. Members are known only
// as "worker W wants group G".
//
// An event that a worker's mailbox has no room for, which only one that comes from another process
// or late from the layer can be, waits here until the worker has taken some; publishers get no room
// meanwhile. Past the bound it is dropped, and the worker is told in whose stream there is a gap.
//
// Any thread: post(), try_post(), want(), unwant(), on_room(). All else is for the node's loop, or
// for the thread that builds it before start().
class Node final : public layer::Gateway {
 public:
  static constexpr size_t kWorkersMax = 64;

  // `clock`, `registry` and `logger` are borrowed for life.
  static Result<std::unique_ptr<Node>, Error> make(const Clock& clock,
                                                   metrics::Registry& registry,
                                                   const log::Logger& logger,
                                                   NodeOptions options = {});
  ~Node();

  // Before start(). Both are borrowed for life; returns the worker's number.
  size_t attach(net::EventLoop& loop, EventMailbox& mailbox);
  void set_layer(std::unique_ptr<layer::ChannelLayer> layer);
  // On the node's loop, but for what a layer says is constant.
  layer::ChannelLayer& layer() noexcept { return *layer_; }

  void start();
  // How long stop() waits for the layer.
  static constexpr uint64_t kLayerStopMs = 5'000;
  // Runs what was posted, lets the layer clear away what is in it of this process, ends the loop
  // and joins its thread. Idempotent.
  void stop();

  // Work for the node's loop. try_post is for publishers and may say no; post is for what its
  // caller bounds. Work posted by one thread runs in the order in which it was posted.
  [[nodiscard]] bool try_post(net::Task task) { return loop_->try_post(std::move(task)); }
  void post(net::Task task) { loop_->post(std::move(task)); }

  // Worker `worker` now has a first member of `group`, or has lost its last. An event that is
  // posted after want() returned reaches that member.
  void want(size_t worker, std::string group);
  void unwant(size_t worker, std::string group);
  // Calls `then`, on the node's loop, once the wish for `group` that was posted before holds in the
  // layer (ChannelLayer::when_joined).
  void when_joined(std::string group, net::Task then);
  // The worker has taken events from its mailbox, whose take() said that the node waits for room.
  void on_room(size_t worker);

  // False too while events wait for a worker that would get one of these.
  bool has_room(std::span<const layer::Addressed> batch) override;
  void deliver(const layer::Addressed& addressed) override;
  void deliver_direct(std::string_view local_name, layer::EventPtr event) override;

  net::EventLoop& loop() noexcept { return *loop_; }
  size_t worker_count() const noexcept { return workers_.size(); }
  net::EventLoop& worker_loop(size_t worker) { return workers_[worker].loop; }

 private:
  struct Worker {
    net::EventLoop& loop;
    EventMailbox& mailbox;
    WaitingEvents waiting;
    log::StateLog overflow;
  };
  struct Need {
    size_t event_count = 0;
    size_t byte_count = 0;
  };
  class StopDeadline;
  Node(std::unique_ptr<net::EventLoop> loop,
       metrics::Registry& registry,
       const log::Logger& logger,
       NodeOptions options);

  bool is_state(const layer::Event& event) const;
  // Bits of the workers that `addressed` must reach.
  uint64_t targets_of(const layer::Addressed& addressed) const;
  uint32_t state_key_of(const layer::Addressed& addressed);
  static bool has_room_for(const Need& need, const Worker& worker);
  void hand_to(Worker& worker, const PreparedEventPtr& event);
  void keep_waiting(Worker& worker, const PreparedEventPtr& event);
  // Moves what waits to the mailbox, as far as it has room, and asks to be told of more.
  void refill(Worker& worker);
  void stop_layer();

  std::unique_ptr<net::EventLoop> loop_;
  const log::Logger& logger_;
  const NodeOptions options_;
  metrics::Counter& overflowed_;
  metrics::Counter& direct_dropped_;
  metrics::Gauge& waiting_count_;
  std::unique_ptr<layer::ChannelLayer> layer_;
  std::vector<Worker> workers_;
  std::unordered_map<std::string, uint64_t> wanted_by_;
  std::unordered_map<std::string, uint32_t> state_keys_;
  uint32_t next_state_key_ = 1;
  std::unique_ptr<StopDeadline> stop_deadline_;
  std::thread thread_;
};

}  // namespace carillon::fanout
