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

Result<auth::Identity, Response> identify(WorkerContext& context,
                                          const consumer::Endpoint& endpoint,
                                          const std::vector<std::string>& params) {
  if (!endpoint.permission()) return auth::Identity{};
  auto identity = context.authenticator.authenticate(context.request);
  if (!identity) return Err(auth::problem_for(identity.error()));
  if (!endpoint.permission()->allows(*identity, endpoint.pattern().names(), params)) {
    return Err(auth::permission_problem(*endpoint.permission(), *identity));
  }
  return std::move(*identity);
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

Result<Admitted, http::Response> check_handshake(WorkerContext& context,
                                                 const consumer::Endpoint& endpoint,
                                                 std::vector<std::string> params,
                                                 const sockaddr_storage& address) {
  if (auto checked = check_upgrade(context.request); !checked) return Err(checked.error());
  if (auto checked = check_source(context.process, context.request); !checked) {
    return Err(checked.error());
  }
  if (auto place = take_place(context.process.admission, address); !place) {
    return Err(place.error());
  }
  auto identity = identify(context, endpoint, params);
  if (!identity) {
    context.process.admission.leave(address);
    return Err(identity.error());
  }
  Admitted admitted;
  admitted.endpoint = &endpoint;
  admitted.params = std::move(params);
  admitted.identity = std::move(*identity);
  write_upgrade(context, admitted);
  return admitted;
}

}  // namespace carillon::session
