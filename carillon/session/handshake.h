// Whether a request may become a WebSocket: the checks of RFC 6455 §4.2.1 and our own, in order.
#pragma once

#include <sys/socket.h>

#include "carillon/http/response.h"
#include "carillon/session/worker_context.h"
#include "carillon/session/ws_session.h"

namespace carillon::session {

// Checks the request in `context.request` for `endpoint`, whose path matched with `params`. On
// success it holds a place of Admission, which the session gives back; nothing else is kept.
Result<Admitted, http::Response> check_handshake(WorkerContext& context,
                                                 const consumer::Endpoint& endpoint,
                                                 std::vector<std::string> params,
                                                 const sockaddr_storage& address);

}  // namespace carillon::session
