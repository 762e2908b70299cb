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
#include "carillon/layer/channel_layer.h"
#include "carillon/net/event_loop.h"

namespace carillon::fanout {

// One per process, with a loop and a thread of its own: every event of every group passes here, so
// there is one order for each group, one subscription and one rendering. Members are known only
// as "worker W wants group G".
//
// Any thread: post(), try_post(), want(), unwant(). All else is for the node's loop, or for the
// thread that builds it before start().
class Node final : public layer::Gateway {
 public:
  static constexpr size_t kWorkersMax = 64;

  // Types of `state_types` are state events, whoever sends them (see Hub::state_of).
  static Result<std::unique_ptr<Node>, Error> make(const Clock& clock,
                                                   std::set<std::string> state_types);
  ~Node();

  // Before start(). Both are borrowed for life; returns the worker's number.
  size_t attach(net::EventLoop& loop, EventMailbox& mailbox);
  void set_layer(std::unique_ptr<layer::ChannelLayer> layer);
  // On the node's loop, but for what a layer says is constant.
  layer::ChannelLayer& layer() noexcept { return *layer_; }

  void start();
  // Runs what was posted, ends the loop and joins its thread. Idempotent.
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
  };
  Node(std::unique_ptr<net::EventLoop> loop, std::set<std::string> state_types);

  bool is_state(const layer::Event& event) const;
  // Bits of the workers that `addressed` must reach.
  uint64_t targets_of(const layer::Addressed& addressed) const;
  uint32_t state_key_of(const layer::Addressed& addressed);

  std::unique_ptr<net::EventLoop> loop_;
  const std::set<std::string> state_types_;
  std::unique_ptr<layer::ChannelLayer> layer_;
  std::vector<Worker> workers_;
  std::unordered_map<std::string, uint64_t> wanted_by_;
  std::unordered_map<std::string, uint32_t> state_keys_;
  uint32_t next_state_key_ = 1;
  std::thread thread_;
};

}  // namespace carillon::fanout
