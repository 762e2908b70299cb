// Notifications on their way to a user: stored before their event is sent, because its frame says
// what the inbox added, and taken back when the event was refused.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "carillon/fanout/node.h"
#include "carillon/inbox/inbox.h"

namespace carillon::publish {

// Lives on the node's loop.
class Notifications {
 public:
  // One that was stored: which event of its batch, whose, and its id in the inbox.
  struct Stored {
    size_t index;
    std::string user_id;
    json::Value id;
  };

  // Both are borrowed for life.
  Notifications(fanout::Node& node, inbox::Inbox& inbox) : node_(node), inbox_(inbox) {}

  // Stores those of `batch`, whose events gain what the inbox added. Each must be settled.
  std::vector<Stored> store(std::vector<layer::Addressed>& batch);
  // The layer has answered for the batch: what was refused is taken back.
  void settle(const std::vector<Stored>& stored, const layer::SendResult& sent);

  // To every connection of the user on this node, whose inbox it counts. Frames that are still on
  // their way say an older count: it is told again after them.
  void tell_unread_count(const std::string& user_id, uint64_t unread_count);

 private:
  struct UnderWay {
    size_t count = 0;
    bool is_count_stale = false;
  };
  bool store_one(layer::Addressed& addressed, Stored& stored);
  void deliver_unread_count(const std::string& user_id, uint64_t unread_count);

  fanout::Node& node_;
  inbox::Inbox& inbox_;
  std::unordered_map<std::string, UnderWay> under_way_;  // bounded by the publishes under way
};

}  // namespace carillon::publish
