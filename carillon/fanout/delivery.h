// One event while a worker hands it to its members: its frame in each form that they negotiated.
#pragma once

#include <array>

#include "carillon/fanout/prepared_event.h"
#include "carillon/ws/deflate.h"

namespace carillon::fanout {

// How a connection wants its frames: 0 is uncompressed, 9 to 15 the deflate window in bits
// (RFC 7692 §7.1.2.1).
using FrameForm = uint8_t;
inline constexpr FrameForm kPlainForm = 0;
inline constexpr size_t kFrameFormCount = 16;

// Lives for one fan-out on one loop. A compressed form is made when its first member asks, once.
class Delivery {
 public:
  Delivery(const PreparedEventPtr& event, ws::Deflater& deflater)
      : event_(event), deflater_(deflater) {}

  const PreparedEvent& event() const noexcept { return *event_; }
  const PreparedEventPtr& shared_event() const noexcept { return event_; }
  const FramePtr& frame(FrameForm form) {
    if (form == kPlainForm) return event_->frame;
    return compressed_frame(form);
  }

 private:
  const FramePtr& compressed_frame(FrameForm form);

  const PreparedEventPtr& event_;
  ws::Deflater& deflater_;
  std::array<FramePtr, kFrameFormCount> compressed_;
};

// `payload` as one frame in `form`; the plain form when compression does not pay.
FramePtr make_text_frame(std::string_view payload, FrameForm form, ws::Deflater& deflater);
FramePtr make_binary_frame(std::string_view payload, FrameForm form, ws::Deflater& deflater);

}  // namespace carillon::fanout
