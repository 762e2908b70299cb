#include "carillon/fanout/delivery.h"

#include "carillon/ws/frame_writer.h"

namespace carillon::fanout {
namespace {

FramePtr make_data_frame(ws::Opcode opcode,
                         std::string_view payload,
                         FrameForm form,
                         ws::Deflater& deflater) {
  if (form != kPlainForm && payload.size() >= ws::kDeflateFromBytes) {
    const std::string compressed = deflater.deflate(payload, form);
    if (compressed.size() < payload.size()) {
      return std::make_shared<const std::string>(ws::make_frame(opcode, compressed, true));
    }
  }
  return std::make_shared<const std::string>(ws::make_frame(opcode, payload));
}

}  // namespace

const FramePtr& Delivery::compressed_frame(FrameForm form) {
  FramePtr& frame = compressed_[form];
  if (frame == nullptr) {
    const bool is_worthwhile = event_->payload().size() >= ws::kDeflateFromBytes;
    frame = is_worthwhile ? make_text_frame(event_->payload(), form, deflater_) : event_->frame;
  }
  return frame;
}

FramePtr make_text_frame(std::string_view payload, FrameForm form, ws::Deflater& deflater) {
  return make_data_frame(ws::Opcode::kText, payload, form, deflater);
}

FramePtr make_binary_frame(std::string_view payload, FrameForm form, ws::Deflater& deflater) {
  return make_data_frame(ws::Opcode::kBinary, payload, form, deflater);
}

}  // namespace carillon::fanout
