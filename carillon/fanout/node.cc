#include "carillon/fanout/node.h"

#include <array>
#include <bit>
#include <utility>

#include "carillon/base/assert.h"

namespace carillon::fanout {
namespace {

// Forgetting the keys of state events is harmless but for conflation; their number must end.
constexpr size_t kStateKeysMax = 100'000;

}  // namespace

// Ends the loop though the layer has not said that it is done.
class Node::StopDeadline final : public net::TimerHandler {
 public:
  explicit StopDeadline(Node& node) : node_(node), timer_(node.loop_->timers().add(*this)) {
    node.loop_->timers().schedule(timer_, node.loop_->now_ms() + kLayerStopMs);
  }
  ~StopDeadline() { node_.loop_->timers().remove(timer_); }
  StopDeadline(const StopDeadline&) = delete;
  StopDeadline& operator=(const StopDeadline&) = delete;

  void on_timer() override {
    node_.logger_.warn("the channel layer did not stop in time; what it holds of us will expire",
                       {{"waited_ms", kLayerStopMs}, {"trouble", node_.layer_->trouble()}});
    node_.loop_->stop();
  }

 private:
  Node& node_;
  const net::TimerId timer_;
};

Result<std::unique_ptr<Node>, Error> Node::make(const Clock& clock,
                                                metrics::Registry& registry,
                                                const log::Logger& logger,
                                                NodeOptions options) {
  CARILLON_TRY(auto loop, net::EventLoop::make(clock));
  return std::unique_ptr<Node>(new Node(std::move(loop), registry, logger, std::move(options)));
}

Node::Node(std::unique_ptr<net::EventLoop> loop,
           metrics::Registry& registry,
           const log::Logger& logger,
           NodeOptions options)
    : loop_(std::move(loop)),
      logger_(logger),
      options_(std::move(options)),
      overflowed_(registry.counter("carillon_inbound_overflow_total",
                                   "Events that were dropped for a worker that fell behind; the "
                                   "members concerned were closed with 1013")),
      direct_dropped_(registry.counter("carillon_direct_events_dropped_total",
                                       "Events for one connection that is not there")),
      waiting_count_(registry.gauge("carillon_inbound_events",
                                    "Events that wait for room in a worker's mailbox")) {}

Node::~Node() {
  stop();
}

size_t Node::attach(net::EventLoop& loop, EventMailbox& mailbox) {
  CARILLON_ASSERT(workers_.size() < kWorkersMax && !thread_.joinable());
  workers_.push_back({loop, mailbox, WaitingEvents(options_.waiting), log::StateLog(logger_)});
  return workers_.size() - 1;
}

void Node::set_layer(std::unique_ptr<layer::ChannelLayer> layer) {
  layer_ = std::move(layer);
}

void Node::start() {
  CARILLON_ASSERT(layer_ != nullptr && !thread_.joinable());
  thread_ = std::thread([this] { loop_->run(); });
}

void Node::stop() {
  if (!thread_.joinable()) return;
  post([this] { stop_layer(); });
  thread_.join();
  stop_deadline_.reset();
}

void Node::stop_layer() {
  stop_deadline_ = std::make_unique<StopDeadline>(*this);
  layer_->stop([this] { loop_->stop(); });
}

void Node::want(size_t worker, std::string group) {
  // Bounded by the workers' groups, and these by their members.
  post([this, worker, group = std::move(group)] {
    uint64_t& workers = wanted_by_[group];
    if (workers == 0) layer_->gateway_add(group);
    workers |= uint64_t{1} << worker;
  });
}

void Node::unwant(size_t worker, std::string group) {
  post([this, worker, group = std::move(group)] {
    const auto found = wanted_by_.find(group);
    if (found == wanted_by_.end()) return;
    found->second &= ~(uint64_t{1} << worker);
    if (found->second != 0) return;
    wanted_by_.erase(found);
    layer_->gateway_discard(group);
  });
}

void Node::when_joined(std::string group, net::Task then) {
  // Bounded by the handshakes under way.
  post([this, group = std::move(group), then = std::move(then)]() mutable {
    layer_->when_joined(group, std::move(then));
  });
}

bool Node::is_state(const layer::Event& event) const {
  return !options_.state_types.empty() &&
         options_.state_types.contains(layer::handler_name(event.type()));
}

uint64_t Node::targets_of(const layer::Addressed& addressed) const {
  // Every worker keeps the newest state for whoever connects to it next.
  if (is_state(*addressed.event)) return ~uint64_t{0} >> (kWorkersMax - workers_.size());
  const auto found = wanted_by_.find(addressed.group);
  return found == wanted_by_.end() ? 0 : found->second;
}

bool Node::has_room_for(const Need& need, const Worker& worker) {
  if (!worker.waiting.is_empty()) return false;
  if (!worker.mailbox.has_room(need.event_count, need.byte_count)) return false;
  // An empty mailbox has room for anything; of what is too much for it the rest waits here, so one
  // of the two must be able to hold all.
  const EventMailboxLimits& mailbox = worker.mailbox.limits();
  const WaitingLimits& waiting = worker.waiting.limits();
  return need.event_count == 1 ||
         (need.event_count <= mailbox.events_max && need.byte_count <= mailbox.bytes_max) ||
         (need.event_count <= waiting.events_max && need.byte_count <= waiting.bytes_max);
}

bool Node::has_room(std::span<const layer::Addressed> batch) {
  std::array<Need, kWorkersMax> needs{};
  for (const layer::Addressed& addressed : batch) {
    uint64_t targets = targets_of(addressed);
    if (targets == 0) continue;
    const size_t byte_count = addressed.byte_count;
    for (; targets != 0; targets &= targets - 1) {
      Need& need = needs[static_cast<size_t>(std::countr_zero(targets))];
      ++need.event_count;
      need.byte_count += byte_count;
    }
  }
  for (size_t i = 0; i < workers_.size(); ++i) {
    if (needs[i].event_count != 0 && !has_room_for(needs[i], workers_[i])) return false;
  }
  return true;
}

void Node::deliver(const layer::Addressed& addressed) {
  uint64_t targets = targets_of(addressed);
  if (targets == 0) return;
  const PreparedEventPtr prepared = prepare(addressed, state_key_of(addressed));
  for (; targets != 0; targets &= targets - 1) {
    hand_to(workers_[static_cast<size_t>(std::countr_zero(targets))], prepared);
  }
}

void Node::deliver_direct(std::string_view local_name, layer::EventPtr event) {
  const auto name = parse_local_name(local_name);
  if (!name || name->worker >= workers_.size()) return direct_dropped_.add();
  hand_to(workers_[name->worker], prepare_direct(std::move(event), *name));
}

void Node::hand_to(Worker& worker, const PreparedEventPtr& event) {
  // What waits already goes first.
  if (!worker.waiting.is_empty() || !worker.mailbox.has_room(1, event->frame->size())) {
    return keep_waiting(worker, event);
  }
  if (worker.mailbox.push(event)) worker.loop.wake();
}

void Node::keep_waiting(Worker& worker, const PreparedEventPtr& event) {
  const bool is_first = worker.waiting.is_empty();
  const size_t count_before = worker.waiting.count();
  if (!worker.waiting.push(event)) {
    overflowed_.add();
    worker.overflow.unwell(
        "a worker has fallen behind: events are dropped for it, and members "
        "with a gap are closed with 1013",
        {{"worker", &worker - workers_.data()}, {"waiting", worker.waiting.count()}});
  }
  waiting_count_.add(static_cast<int64_t>(worker.waiting.count() - count_before));
  if (is_first) refill(worker);
}

void Node::refill(Worker& worker) {
  WaitingEvents& waiting = worker.waiting;
  while (!waiting.is_empty()) {
    const size_t byte_count = waiting.front()->frame->size();
    if (!worker.mailbox.has_room(1, byte_count) && worker.mailbox.await_room(byte_count)) return;
    if (worker.mailbox.push(waiting.front())) worker.loop.wake();
    waiting.pop_front();
    waiting_count_.add(-1);
  }
  if (!worker.overflow.is_well()) {
    worker.overflow.well("the worker has caught up", {{"worker", &worker - workers_.data()}});
  }
}

void Node::on_room(size_t worker) {
  // One at a time: the mailbox says it once each time that refill() asks.
  post([this, worker] { refill(workers_[worker]); });
}

uint32_t Node::state_key_of(const layer::Addressed& addressed) {
  if (!is_state(*addressed.event)) return 0;
  if (state_keys_.size() >= kStateKeysMax) state_keys_.clear();
  const std::string name = addressed.group + ' ' + layer::handler_name(addressed.event->type());
  const auto [found, is_new] = state_keys_.try_emplace(name, next_state_key_);
  // Never one that was given before: two states with one key would replace one another.
  if (is_new && ++next_state_key_ == 0) next_state_key_ = 1;
  return found->second;
}

}  // namespace carillon::fanout
