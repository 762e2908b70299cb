#include "carillon/api/operations.h"

namespace carillon::api {
namespace {

using http::problem;
using http::Response;

json::Value status_object(std::string_view status) {
  json::Value object = json::Value::object();
  object.set("status", json::Value(status));
  return object;
}

void get_healthz(Api&, const ApiRequest&, Respond respond) {
  respond(http::json_response(200, status_object("ok")));
}

// Details are for the machine itself and for those who hold a key.
bool may_see_details(Api& api, const ApiRequest& request) {
  if (request.is_trusted) return true;
  return api.authorise(request.head).has_value();
}

void get_readyz(Api& api, const ApiRequest& request, Respond respond) {
  const bool shows_details = may_see_details(api, request);
  // The layer lives on the node's loop, which thereby shows that it turns.
  api.context().node.post([&api, shows_details, respond = std::move(respond)]() mutable {
    const layer::ChannelLayer& layer = api.context().node.layer();
    const bool is_layer_ready = layer.is_ready();
    api.on_loop([&api, shows_details, is_layer_ready, trouble = layer.trouble(),
                 respond = std::move(respond)]() mutable {
      const bool is_draining = api.context().is_draining.load(std::memory_order_relaxed);
      const bool is_ready = is_layer_ready && !is_draining;
      json::Value object = status_object(is_ready ? "ready" : "unready");
      if (shows_details) {
        object.set("layer", json::Value(is_layer_ready ? "ok" : "unreachable"));
        if (!is_layer_ready) object.set("layer_trouble", json::Value(trouble));
        object.set("draining", json::Value(is_draining));
      }
      respond(http::json_response(is_ready ? 200 : 503, object));
    });
  });
}

void get_metrics(Api& api, const ApiRequest& request, Respond respond) {
  if (!may_see_details(api, request)) {
    return respond(problem(403, "Metrics are for loopback or an API key.", "permission_denied"));
  }
  Response response{.status = 200,
                    .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                    .body = api.context().registry.exposition()};
  respond(std::move(response));
}

void get_stats(Api& api, const ApiRequest& request, Respond respond) {
  if (auto caller = api.authorise(request.head); !caller) return respond(caller.error());
  const metrics::Registry& registry = api.context().registry;
  json::Value object = json::Value::object();
  object.set("connections", json::Value(registry.total("carillon_connections")));
  object.set("groups", json::Value(registry.total("carillon_groups")));
  object.set("events_delivered_total",
             json::Value(registry.total("carillon_events_delivered_total")));
  object.set("frames_sent_total", json::Value(registry.total("carillon_frames_sent_total")));
  object.set("bytes_sent_total", json::Value(registry.total("carillon_bytes_sent_total")));
  object.set("messages_received_total",
             json::Value(registry.total("carillon_messages_received_total")));
  object.set("publishes_total", json::Value(registry.total("carillon_publishes_total")));
  object.set("frames_dropped_total", json::Value(registry.total("carillon_frames_dropped_total")));
  json::Value endpoints = json::Value::object();
  for (const config::EndpointSettings& endpoint : api.context().settings.endpoints) {
    json::Value row = json::Value::object();
    row.set("path", json::Value(endpoint.path));
    row.set("connections",
            json::Value(registry.total("carillon_connections", {{"endpoint", endpoint.name}})));
    endpoints.set(endpoint.name, std::move(row));
  }
  object.set("endpoints", std::move(endpoints));
  respond(http::json_response(200, object));
}

}  // namespace

void add_operations_routes(Routes& routes) {
  using http::Method;
  routes.add(Method::kGet, "/healthz", get_healthz);
  routes.add(Method::kGet, "/readyz", get_readyz);
  routes.add(Method::kGet, "/metrics", get_metrics);
  routes.add(Method::kGet, "/api/realtime/stats/", get_stats);
}

}  // namespace carillon::api
