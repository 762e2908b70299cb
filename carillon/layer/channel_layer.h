// Channels' channel layer: named channels, and groups of them. Delivery is at most once, in order
// for each sender and group.
#pragma once

#include <span>
#include <string>
#include <string_view>

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
  kUnavailable,  // the layer cannot be reached: nothing was sent
};

struct SendResult {
  SendOutcome outcome = SendOutcome::kAccepted;
  // Channels of the groups that were at their capacity and missed an event (Channels drops there).
  size_t over_capacity_count = 0;
};

// The members of this process's sockets, as the layer sees them: one receiver for all of them.
class Gateway {
 public:
  // Whether every loop that has members of these groups can take these events now.
  virtual bool has_room(std::span<const Addressed> batch) = 0;
  virtual void deliver(const Addressed& addressed) = 0;

 protected:
  ~Gateway() = default;
};

// Lives on the node's loop: every call and every callback happens there. Names are valid
// (layer/name.h), which the caller has checked.
class ChannelLayer {
 public:
  using Receiver = UniqueFunction<void(EventPtr)>;
  using OnSent = UniqueFunction<void(SendResult)>;

  virtual ~ChannelLayer() = default;

  // To one channel. `then` may be called before send() returns.
  virtual void send(std::string_view channel, EventPtr event, OnSent then) = 0;
  // Calls `receiver` once, with the oldest unexpired event of `channel`: now, or when one comes.
  virtual void receive(std::string_view channel, Receiver receiver) = 0;

  // Idempotent. A membership ends by itself after group_expiry unless it is added again.
  virtual void group_add(std::string_view group, std::string_view channel) = 0;
  virtual void group_discard(std::string_view group, std::string_view channel) = 0;
  // All of the batch or, unless the outcome is kAccepted, nothing of it.
  virtual void group_send(std::span<const Addressed> batch, OnSent then) = 0;

  // The sockets of this process want, or no longer want, the events of `group`.
  virtual void gateway_add(std::string_view group) = 0;
  virtual void gateway_discard(std::string_view group) = 0;

  virtual bool is_ready() const = 0;
};

}  // namespace carillon::layer
