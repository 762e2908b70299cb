// Channels' channel layer: named channels, and groups of them. Delivery is at most once, in order
// for each sender and group.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/unique_function.h"
#include "carillon/layer/event.h"

namespace carillon::layer {

// An event and the group it is for. Shared with other loops, so immutable.
struct Addressed {
  std::string group;
  EventPtr event;
  size_t byte_count = 0;  // about what its frame will take, for the bounds of the mailboxes
};

enum class SendOutcome : uint8_t {
  kAccepted,
  kNoRoom,       // a receiver of this process has no room: nothing was sent, try again soon
  kChannelFull,  // send() only: the channel is at its capacity
  kUnavailable,  // the layer cannot be reached: nothing was sent, as far as can be known here (an
                 // answer that was lost on its way leaves that open)
};

struct SendResult {
  // Of the whole batch; kAccepted where `outcomes` says more.
  SendOutcome outcome = SendOutcome::kAccepted;
  // Channels of the groups that were at their capacity and missed an event (Channels drops there).
  size_t over_capacity_count = 0;
  // Only when a layer of several hosts lost some of them: one for each event, in the batch's order.
  std::vector<SendOutcome> outcomes = {};
  // Why kUnavailable, as trouble() says it; empty: ask trouble().
  std::string trouble = {};

  SendOutcome outcome_of(size_t index) const {
    return outcomes.empty() ? outcome : outcomes[index];
  }
};

// The members of this process's sockets, as the layer sees them: one receiver for all of them.
class Gateway {
 public:
  // Whether every loop that has members of these groups can take these events now. A layer asks
  // before it sends for a publisher of this process; what comes from elsewhere it just delivers.
  virtual bool has_room(std::span<const Addressed> batch) = 0;
  virtual void deliver(const Addressed& addressed) = 0;
  // To the one connection that is addressed by process_channel() + `local_name`, if it lives.
  virtual void deliver_direct(std::string_view local_name, EventPtr event) = 0;

 protected:
  ~Gateway() = default;
};

// Lives on the node's loop: every call and every callback happens there. Names are valid
// (layer/name.h), which the caller has checked. What a layer brings from outside the process has
// passed Event::from_layer.
class ChannelLayer {
 public:
  using Receiver = UniqueFunction<void(EventPtr)>;
  // Called once, before the call returns or at any time after it, at the latest by stop(). A layer
  // that is destroyed before drops it.
  using OnSent = UniqueFunction<void(SendResult)>;

  virtual ~ChannelLayer() = default;

  // To one channel. One that begins with process_channel() goes to that connection, at once.
  virtual void send(std::string_view channel, EventPtr event, OnSent then) = 0;
  // Calls `receiver` once, with the oldest unexpired event of `channel`: now, or when one comes.
  virtual void receive(std::string_view channel, Receiver receiver) = 0;

  // Idempotent. A membership ends by itself after group_expiry unless it is added again.
  virtual void group_add(std::string_view group, std::string_view channel) = 0;
  virtual void group_discard(std::string_view group, std::string_view channel) = 0;
  // All of the batch or, unless the outcome is kAccepted, nothing of it; see SendResult::outcomes.
  // `batch` is borrowed until `then` is called. The sockets of this process get what was accepted
  // through the gateway, once, before `then` or after it, in the order that the layer gives to all.
  virtual void group_send(std::span<const Addressed> batch, OnSent then) = 0;

  // The sockets of this process want, or no longer want, the events of `group`.
  virtual void gateway_add(std::string_view group) = 0;
  virtual void gateway_discard(std::string_view group) = 0;
  // Whether gateway_add() holds when it returns. Constant, so any thread may ask. If not,
  // when_joined() calls `then` once: when what others send to `group` from now on reaches us, at
  // once when it does already, and at once while that cannot be known soon (the layer is away).
  virtual bool joins_at_once() const { return true; }
  virtual void when_joined(std::string_view group, UniqueFunction<void()> then) {
    (void)group;
    then();
  }

  // What every channel of this process begins with: "gw." + 32 hex digits + "!". With a local name
  // behind it (fanout/connection_name.h) it reaches one connection, from any process. Constant, so
  // any thread may ask.
  virtual std::string_view process_channel() const = 0;

  virtual bool is_ready() const = 0;
  // False: every send would be refused. A layer of several hosts takes some while it is not ready.
  virtual bool takes_sends() const { return is_ready(); }
  // A sentence for publishers and operators, without secrets: why the layer is not ready, and what
  // to do. Empty when it is.
  virtual std::string trouble() const = 0;

  // Leaves nothing of this process behind in the layer, answers what it has not answered yet, then
  // calls back, once: at once, or when the layer has said that it is done. Nothing is asked of it
  // afterwards but its destruction.
  virtual void stop(UniqueFunction<void()> then) = 0;
};

}  // namespace carillon::layer
