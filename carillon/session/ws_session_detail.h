// What the parts of WsSession share: ws_session.cc takes in, ws_session_output.cc sends,
// ws_session_ending.cc watches and ends.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "carillon/session/flusher.h"
#include "carillon/session/ws_session.h"

namespace carillon::session {

// After closing has begun, this much more is read and thrown away before the socket closes.
inline constexpr size_t kDiscardBytesMax = 1u << 20;
inline constexpr uint16_t kAbnormal =
    1006;  // what a close without a close frame is called (§7.1.5)

inline fanout::FramePtr make_frame_ptr(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// What waits for the consumer to accept: the answer to the handshake, and what came in meanwhile.
struct WsSession::Held {
  std::string upgrade_response;
  std::string input;
  std::vector<fanout::PreparedEventPtr> events;
  // Groups joined in connect() that the channel layer has yet to confirm: until then nothing
  // leaves, so that whoever publishes once the peer knows that it is connected reaches it.
  size_t unjoined_count = 0;
};

template <class Call>
void WsSession::guarded(Call call) {
  try {
    call();
  } catch (const std::exception& exception) {
    context_.metrics.handler_exceptions.add();
    context_.process.logger.error(
        "a consumer's handler threw; its connection closes with 1011",
        {{"endpoint", endpoint_.options().name}, {"what", std::string_view(exception.what())}});
    if (state_ == State::kConnecting) return deny(500, "A server error occurred.", "error");
    close(ws::CloseCode::kInternal);
  }
}

}  // namespace carillon::session
