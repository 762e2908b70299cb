// A gateway that keeps what it is given.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "carillon/layer/channel_layer.h"

namespace carillon::layer {

// Stands in for the process's sockets.
class RecordingGateway final : public Gateway {
 public:
  bool has_room(std::span<const Addressed>) override { return is_roomy; }
  void deliver(const Addressed& addressed) override { delivered.push_back(addressed); }
  void deliver_direct(std::string_view local_name, EventPtr event) override {
    delivered_direct.emplace_back(local_name, std::move(event));
  }

  bool is_roomy = true;
  std::vector<Addressed> delivered;
  std::vector<std::pair<std::string, EventPtr>> delivered_direct;
};

}  // namespace carillon::layer
