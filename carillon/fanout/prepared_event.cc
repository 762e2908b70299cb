#include "carillon/fanout/prepared_event.h"

#include <utility>

#include "carillon/ws/frame_writer.h"

namespace carillon::fanout {
namespace {

std::shared_ptr<PreparedEvent> render(layer::EventPtr event) {
  auto prepared = std::make_shared<PreparedEvent>();
  const std::string text = layer::render(*event);
  prepared->type = layer::handler_name(event->type());
  prepared->frame = std::make_shared<const std::string>(ws::make_frame(ws::Opcode::kText, text));
  prepared->header_bytes = static_cast<uint32_t>(prepared->frame->size() - text.size());
  prepared->event = std::move(event);
  return prepared;
}

}  // namespace

PreparedEventPtr prepare(const layer::Addressed& addressed, uint32_t state_key) {
  auto prepared = render(addressed.event);
  prepared->group = addressed.group;
  prepared->state_key = state_key;
  return prepared;
}

PreparedEventPtr prepare_direct(layer::EventPtr event, const ConnectionName& connection) {
  auto prepared = render(std::move(event));
  prepared->connection = connection;
  return prepared;
}

PreparedEventPtr make_gap(const PreparedEvent& lost) {
  static const FramePtr kNoFrame = std::make_shared<const std::string>();
  auto gap = std::make_shared<PreparedEvent>();
  gap->group = lost.group;
  gap->connection = lost.connection;
  gap->frame = kNoFrame;
  gap->header_bytes = 0;
  gap->is_gap = true;
  return gap;
}

}  // namespace carillon::fanout
