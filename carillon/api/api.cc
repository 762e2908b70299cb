#include "carillon/api/api.h"

#include <utility>

#include "carillon/api/operations.h"
#include "carillon/api/publishing.h"
#include "carillon/auth/token_source.h"

namespace carillon::api {
namespace {

using http::problem;
using http::Response;

bool is_probe(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/healthz/" || path == "/readyz/";
}

bool is_for_operators(std::string_view path) {
  return is_probe(path) || path == "/metrics" || path == "/metrics/";
}

}  // namespace

Routes make_routes() {
  Routes routes;
  add_publishing_routes(routes);
  add_operations_routes(routes);
  return routes;
}

Api::Api(const ApiContext& context, net::EventLoop& loop, auth::Authenticator& authenticator)
    : context_(context), loop_(loop), authenticator_(authenticator) {}

void Api::handle(const http::Request& head,
                 std::string_view body,
                 const Source& source,
                 Respond respond) {
  if (head.path.starts_with("/api/")) {
    if (head.method == http::Method::kOptions) return respond(preflight(head));
    respond = with_cors(head, std::move(respond));
  }
  const bool is_page =
      head.path == "/" && head.method == http::Method::kGet && context_.page != nullptr;
  if (source.is_metrics_bind && !is_for_operators(head.path)) {
    return respond(problem(404, "Not found.", "not_found"));
  }
  const auto match = context_.routes.match(head.method, head.path);
  if (!is_page && match.outcome == Routes::Outcome::kNotFound) {
    return respond(problem(404, "Not found.", "not_found"));
  }
  if (!source.is_metrics_bind && !is_probe(head.path) &&
      !context_.allowed_hosts.allows(head.header("Host"))) {
    return respond(problem(400, "Invalid Host header: add it to ALLOWED_HOSTS.", "invalid_host"));
  }
  if (is_page) return respond(context_.page(head));
  switch (match.outcome) {
    case Routes::Outcome::kNotFound:
      return;  // answered above
    case Routes::Outcome::kMethodNotAllowed: {
      Response response =
          problem(405, "Method \"" + std::string(head.method_text) + "\" not allowed.",
                  "method_not_allowed");
      response.headers.emplace_back("Allow", match.allow);
      return respond(std::move(response));
    }
    case Routes::Outcome::kFound:
      break;
  }
  (*match.handler)(*this, {head, body, match.params, source.is_loopback || source.is_metrics_bind},
                   std::move(respond));
}

Result<Api::Caller, Response> Api::authorise(const http::Request& head) {
  if (const auto key = auth::api_key_of(head)) {
    if (context_.api_keys.contains(*key)) return Caller{"key " + std::string(*key)};
    Response response = problem(401, "Invalid API key.", "authentication_failed");
    response.headers.emplace_back("WWW-Authenticate", "Api-Key");
    return Err(std::move(response));
  }
  // A page of another site must not publish with a token that it put into a link.
  if (head.header_count("Authorization") == 0) {
    return Err(auth::problem_for(auth::AuthError::kMissing));
  }
  auto identity = authenticator_.authenticate(head);
  if (!identity) return Err(auth::problem_for(identity.error()));
  if (!identity->is_staff) {
    return Err(
        problem(403, "You do not have permission to perform this action.", "permission_denied"));
  }
  return Caller{"user " + identity->user_id};
}

Response Api::preflight(const http::Request& head) const {
  Response response{.status = 204, .headers = {{"Vary", "Origin"}}, .body = {}};
  const std::string_view origin = head.header("Origin");
  if (!context_.origins.is_listed(origin)) return response;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, PUT, OPTIONS");
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "Authorization, Content-Type, Idempotency-Key");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

Respond Api::with_cors(const http::Request& head, Respond respond) const {
  const std::string origin(head.header("Origin"));
  if (origin.empty() || !context_.origins.is_listed(origin)) return respond;
  return [origin, respond = std::move(respond)](Response response) mutable {
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
    response.headers.emplace_back("Vary", "Origin");
    respond(std::move(response));
  };
}

}  // namespace carillon::api
