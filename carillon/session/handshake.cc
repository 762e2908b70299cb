#include "carillon/session/handshake.h"

#include "carillon/auth/token_source.h"
#include "carillon/ws/handshake.h"

namespace carillon::session {
namespace {

using http::problem;
using http::Request;
using http::Response;

Response upgrade_required(bool names_protocol) {
  Response response = problem(426, "Upgrade to WebSocket, version 13.", "upgrade_required");
  if (names_protocol) response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

Result<void, Response> check_upgrade(const Request& request) {
  if (request.method != http::Method::kGet) {
    Response response =
        problem(405, "Method \"" + std::string(request.method_text) + "\" not allowed.",
                "method_not_allowed");
    response.headers.emplace_back("Allow", "GET");
    return Err(std::move(response));
  }
  if (request.minor_version < 1) {
    return Err(problem(400, "A WebSocket needs HTTP/1.1.", "bad_request"));
  }
  if (request.content_length.value_or(0) != 0 || request.is_chunked) {
    return Err(problem(400, "A handshake has no body.", "bad_request"));
  }
  if (!request.header_has_token("Upgrade", "websocket")) return Err(upgrade_required(true));
  if (request.header("Sec-WebSocket-Version") != "13") return Err(upgrade_required(false));
  if (!request.header_has_token("Connection", "upgrade")) {
    return Err(problem(400, "The Connection header must say Upgrade.", "bad_request"));
  }
  if (request.header_count("Sec-WebSocket-Key") != 1 ||
      !ws::is_valid_key(request.header("Sec-WebSocket-Key"))) {
    return Err(problem(400, "Sec-WebSocket-Key must be 16 bytes in base64.", "bad_request"));
  }
  return {};
}

Result<void, Response> check_source(const ProcessContext& process, const Request& request) {
  const std::string_view host = request.header("Host");
  if (!process.allowed_hosts.allows(host)) {
    return Err(problem(400, "Invalid Host header: add it to ALLOWED_HOSTS.", "invalid_host"));
  }
  if (request.header_count("Origin") != 0 &&
      !process.origins.allows(request.header("Origin"), host)) {
    return Err(problem(403, "This Origin is not allowed: add it to CORS_ALLOWED_ORIGINS.",
                       "origin_not_allowed"));
  }
  return {};
}

Result<void, Response> take_place(Admission& admission, const sockaddr_storage& address) {
  const auto outcome = admission.enter(address);
  if (outcome == Admission::Outcome::kAdmitted) return {};
  const bool is_full = outcome == Admission::Outcome::kFull;
  Response response =
      is_full ? problem(503, "The server has all the connections it may have.", "unavailable")
              : problem(429, "Your address has too many connections.", "throttled");
  response.headers.emplace_back("Retry-After", "5");
  return Err(std::move(response));
}

// No token of ours: there is none, or what is there is none by its form.
bool may_be_of_backend(auth::AuthError error) {
  return error == auth::AuthError::kMissing || error == auth::AuthError::kBadHeader ||
         error == auth::AuthError::kMalformed;
}

// Of a request without a token of ours, where the backend can be asked.
Result<auth::SessionCredentials, Response> find_credentials(WorkerContext& context,
                                                            auth::AuthError error) {
  const Request& request = context.request;
  std::optional<auth::SessionCredentials> found;
  if (context.sessions != nullptr && may_be_of_backend(error)) {
    found = auth::find_session_credentials(request, context.process.settings.auth.http_cookies);
  }
  if (!found) return Err(auth::problem_for(error));
  // A browser sends cookies along for every page: it must say for which.
  if (!found->cookies.empty() && request.header_count("Origin") == 0) {
    return Err(problem(403, "A session's cookie needs an Origin.", "origin_required"));
  }
  return *std::move(found);
}

Result<void, Response> identify(WorkerContext& context, Handshake& handshake) {
  if (!handshake.endpoint->permission()) return {};
  auto identity = context.authenticator.authenticate(context.request);
  if (identity) {
    handshake.identity = std::move(*identity);
    return {};
  }
  CARILLON_TRY(handshake.credentials, find_credentials(context, identity.error()));
  return {};
}

void write_upgrade(WorkerContext& context, Admitted& admitted) {
  std::string& out = admitted.upgrade_response;
  out.reserve(256);
  out =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out += ws::accept_key(context.request.header("Sec-WebSocket-Key"));
  if (context.process.settings.compression) {
    // Several headers are one list (RFC 9110 §5.2).
    std::string offers;
    for (const http::Header& header : context.request.headers) {
      if (!http::equals_ignoring_case(header.name, "Sec-WebSocket-Extensions")) continue;
      if (!offers.empty()) offers += ", ";
      offers += header.value;
    }
    if (const auto agreement = ws::negotiate_deflate(offers)) {
      admitted.form = static_cast<fanout::FrameForm>(agreement->server_window_bits);
      out += "\r\nSec-WebSocket-Extensions: ";
      out += agreement->header;
    }
  }
  out += "\r\n\r\n";
}

}  // namespace

Result<void, Response> check_request(WorkerContext& context,
                                     Handshake& handshake,
                                     const sockaddr_storage& address) {
  if (auto checked = check_upgrade(context.request); !checked) return checked;
  if (auto checked = check_source(context.process, context.request); !checked) return checked;
  if (auto place = take_place(context.process.admission, address); !place) return place;
  auto identified = identify(context, handshake);
  if (!identified) context.process.admission.leave(address);
  return identified;
}

Question next_question(const WorkerContext& context, const Handshake& handshake) {
  const auto& permission = handshake.endpoint->permission();
  if (!permission) return Question::kNone;
  if (handshake.credentials) return Question::kSession;
  const bool asks = permission->needs_role() && context.directory.must_look_up(handshake.identity);
  return asks && !handshake.has_rights ? Question::kRights : Question::kNone;
}

Result<void, Response> answer_session(Handshake& handshake,
                                      Result<auth::Identity, auth::AuthError> identity) {
  if (!identity) return Err(auth::problem_for(identity.error()));
  handshake.identity = std::move(*identity);
  handshake.credentials.reset();
  return {};
}

Result<void, Response> answer_rights(Handshake& handshake,
                                     const Result<auth::UserRights, auth::AuthError>& rights) {
  if (!rights) return Err(auth::problem_for(rights.error()));
  auth::Identity& identity = handshake.identity;
  identity.roles = static_cast<uint8_t>(identity.roles | rights->roles);
  identity.is_staff = identity.is_staff || rights->is_staff;
  identity.is_role_known = identity.is_role_known || rights->is_role_known;
  handshake.has_rights = true;
  return {};
}

Result<Admitted, Response> admit(WorkerContext& context, Handshake handshake) {
  const auto& permission = handshake.endpoint->permission();
  if (permission && !permission->allows(handshake.identity, handshake.endpoint->pattern().names(),
                                        handshake.params)) {
    return Err(auth::permission_problem(*permission, handshake.identity, handshake.has_rights));
  }
  Admitted admitted;
  admitted.endpoint = handshake.endpoint;
  admitted.params = std::move(handshake.params);
  admitted.identity = std::move(handshake.identity);
  write_upgrade(context, admitted);
  return admitted;
}

}  // namespace carillon::session
