// Whether a request may become a WebSocket: the checks of RFC 6455 §4.2.1 and our own, in order.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "carillon/auth/session_credentials.h"
#include "carillon/http/response.h"
#include "carillon/session/worker_context.h"
#include "carillon/session/ws_session.h"

namespace carillon::session {

// What is known of a handshake between its checks.
struct Handshake {
  const consumer::Endpoint* endpoint = nullptr;  // whose path matched, with `params`
  std::vector<std::string> params;
  auth::Identity identity;
  // There is no token, and the backend is to say who this is.
  std::optional<auth::SessionCredentials> credentials;
  bool has_rights = false;  // the directory has answered
};

// Checks the request in `context.request` up to its token. On success it holds a place of
// Admission, which must be given back; nothing else is kept.
Result<void, http::Response> check_request(WorkerContext& context,
                                           Handshake& handshake,
                                           const sockaddr_storage& address);

// Who must be asked before the permission can be decided; ask again once that one has answered.
enum class Question : uint8_t {
  kNone,
  kSession,  // context.sessions, with the credentials
  kRights,   // context.directory, with the user's id
};
Question next_question(const WorkerContext& context, const Handshake& handshake);

// What the one who was asked said. `handshake` is unchanged by an error.
Result<void, http::Response> answer_session(Handshake& handshake,
                                            Result<auth::Identity, auth::AuthError> identity);
Result<void, http::Response> answer_rights(Handshake& handshake,
                                           const Result<auth::UserRights, auth::AuthError>& rights);

// The last check, of the permission. `context.request` is the handshake's again.
Result<Admitted, http::Response> admit(WorkerContext& context, Handshake handshake);

}  // namespace carillon::session
