// An event on its way to the members of one group, or to one connection, rendered and framed once
// for all of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/fanout/connection_name.h"
#include "carillon/layer/channel_layer.h"

namespace carillon::fanout {

// The bytes of one whole WebSocket frame. Immutable and shared by every connection that sends it.
using FramePtr = std::shared_ptr<const std::string>;

struct PreparedEvent {
  std::string group;
  layer::EventPtr event;
  std::string type;        // as a handler name
  FramePtr frame;          // uncompressed
  uint32_t header_bytes;   // of the frame; the rest is its payload
  uint32_t state_key = 0;  // not 0: a state event; the same for one group and type
  std::optional<ConnectionName> connection = {};  // to it alone, and `group` is empty
  // Stands where events were dropped: they have a gap, to whom they were addressed. No frame.
  bool is_gap = false;

  bool is_for_group() const noexcept { return !connection && !is_gap; }
  std::string_view payload() const { return std::string_view(*frame).substr(header_bytes); }
};
using PreparedEventPtr = std::shared_ptr<const PreparedEvent>;

PreparedEventPtr prepare(const layer::Addressed& addressed, uint32_t state_key);
PreparedEventPtr prepare_direct(layer::EventPtr event, const ConnectionName& connection);
// What stands for `lost` and those dropped after it.
PreparedEventPtr make_gap(const PreparedEvent& lost);

}  // namespace carillon::fanout
