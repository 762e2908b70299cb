#include "carillon/fanout/node.h"

#include <array>
#include <bit>

#include "carillon/base/assert.h"

namespace carillon::fanout {
namespace {

// Forgetting the keys of state events is harmless but for conflation; their number must end.
constexpr size_t kStateKeysMax = 100'000;

}  // namespace

Result<std::unique_ptr<Node>, Error> Node::make(const Clock& clock,
                                                std::set<std::string> state_types) {
  CARILLON_TRY(auto loop, net::EventLoop::make(clock));
  return std::unique_ptr<Node>(new Node(std::move(loop), std::move(state_types)));
}

Node::Node(std::unique_ptr<net::EventLoop> loop, std::set<std::string> state_types)
    : loop_(std::move(loop)), state_types_(std::move(state_types)) {}

Node::~Node() {
  stop();
}

size_t Node::attach(net::EventLoop& loop, EventMailbox& mailbox) {
  CARILLON_ASSERT(workers_.size() < kWorkersMax && !thread_.joinable());
  workers_.push_back({loop, mailbox});
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
  loop_->stop();
  thread_.join();
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
  return !state_types_.empty() && state_types_.contains(layer::handler_name(event.type()));
}

uint64_t Node::targets_of(const layer::Addressed& addressed) const {
  // Every worker keeps the newest state for whoever connects to it next.
  if (is_state(*addressed.event)) return ~uint64_t{0} >> (kWorkersMax - workers_.size());
  const auto found = wanted_by_.find(addressed.group);
  return found == wanted_by_.end() ? 0 : found->second;
}

bool Node::has_room(std::span<const layer::Addressed> batch) {
  struct Need {
    size_t event_count = 0;
    size_t byte_count = 0;
  };
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
    if (needs[i].event_count == 0) continue;
    if (!workers_[i].mailbox.has_room(needs[i].event_count, needs[i].byte_count)) return false;
  }
  return true;
}

void Node::deliver(const layer::Addressed& addressed) {
  uint64_t targets = targets_of(addressed);
  if (targets == 0) return;
  const PreparedEventPtr prepared = prepare(addressed, state_key_of(addressed));
  for (; targets != 0; targets &= targets - 1) {
    Worker& worker = workers_[static_cast<size_t>(std::countr_zero(targets))];
    if (worker.mailbox.push(prepared)) worker.loop.wake();
  }
}

void Node::deliver_direct(std::string_view, layer::EventPtr) {}

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
