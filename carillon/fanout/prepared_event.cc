#include "carillon/fanout/prepared_event.h"

#include "carillon/ws/frame_writer.h"

namespace carillon::fanout {

PreparedEventPtr prepare(const layer::Addressed& addressed, uint32_t state_key) {
  auto prepared = std::make_shared<PreparedEvent>();
  const std::string text = layer::render(*addressed.event);
  prepared->group = addressed.group;
  prepared->event = addressed.event;
  prepared->type = layer::handler_name(addressed.event->type());
  prepared->frame = std::make_shared<const std::string>(ws::make_frame(ws::Opcode::kText, text));
  prepared->header_bytes = static_cast<uint32_t>(prepared->frame->size() - text.size());
  prepared->state_key = state_key;
  return prepared;
}

}  // namespace carillon::fanout
