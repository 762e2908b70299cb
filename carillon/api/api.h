// What the server answers over HTTP beside its WebSockets.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/auth/allowed_hosts.h"
#include "carillon/auth/api_keys.h"
#include "carillon/auth/authenticator.h"
#include "carillon/auth/origin.h"
#include "carillon/base/unique_function.h"
#include "carillon/config/settings.h"
#include "carillon/fanout/node.h"
#include "carillon/http/request.h"
#include "carillon/http/response.h"
#include "carillon/http/route_table.h"
#include "carillon/metrics/registry.h"
#include "carillon/publish/publisher.h"

namespace carillon::api {

// Answers once, on the loop of the connection that asked; after that connection's end it does
// nothing.
using Respond = UniqueFunction<void(http::Response)>;

// One request; its views end with the handler's call.
struct ApiRequest {
  const http::Request& head;
  std::string_view body;
  const http::RouteParams& params;
  bool is_trusted;  // came over loopback, or over metrics.bind
};

// Where a request came from: the connection's own facts, not what a header claims.
struct Source {
  bool is_loopback = false;
  bool is_metrics_bind = false;  // the operators' own address: only their routes, for any Host
};

class Api;
using Handler = void (*)(Api& api, const ApiRequest& request, Respond respond);
using Routes = http::RouteTable<Handler>;

// A page or file at a fixed path, such as the demonstration page.
using PageHandler = std::function<http::Response(const http::Request&)>;

// Of the whole process.
struct ApiContext {
  const config::Settings& settings;
  const auth::AllowedHosts& allowed_hosts;
  const auth::OriginPolicy& origins;
  const auth::ApiKeys& api_keys;
  const Routes& routes;
  fanout::Node& node;
  publish::Publisher& publisher;
  metrics::Registry& registry;
  const std::atomic<bool>& is_draining;
  const PageHandler& page;  // of `/`; may be empty
  // How many members `group` has on each worker, added up; calls back on the node's loop.
  std::function<void(const std::string& group, UniqueFunction<void(uint64_t)>)> count_members;
};

// One per worker, on its loop.
class Api {
 public:
  // All are borrowed for life.
  Api(const ApiContext& context, net::EventLoop& loop, auth::Authenticator& authenticator);

  void handle(const http::Request& head,
              std::string_view body,
              const Source& source,
              Respond respond);

  const ApiContext& context() const noexcept { return context_; }
  net::EventLoop& loop() noexcept { return loop_; }

  // Whether the caller holds an API key or a staff token; else what to answer. The key of the rate
  // limit is the caller's.
  struct Caller {
    std::string rate_key;
  };
  Result<Caller, http::Response> authorise(const http::Request& head);
  // Runs `work` on the loop of the request's connection, from any thread.
  void on_loop(net::Task work) { loop_.post(std::move(work)); }

 private:
  http::Response preflight(const http::Request& head) const;
  Respond with_cors(const http::Request& head, Respond respond) const;

  const ApiContext& context_;
  net::EventLoop& loop_;
  auth::Authenticator& authenticator_;
};

// The table of all routes; see docs/protocol/http.md.
Routes make_routes();

}  // namespace carillon::api
