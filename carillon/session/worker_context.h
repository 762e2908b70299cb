// What the sessions of one worker share: borrowed parts, all of that worker's loop unless said.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "carillon/auth/allowed_hosts.h"
#include "carillon/auth/authenticator.h"
#include "carillon/auth/origin.h"
#include "carillon/auth/user_directory.h"
#include "carillon/base/random.h"
#include "carillon/config/settings.h"
#include "carillon/consumer/endpoint.h"
#include "carillon/fanout/hub.h"
#include "carillon/fanout/node.h"
#include "carillon/http/request.h"
#include "carillon/log/logger.h"
#include "carillon/net/blocking_pool.h"
#include "carillon/net/event_loop.h"
#include "carillon/publish/publisher.h"
#include "carillon/session/admission.h"
#include "carillon/session/session_metrics.h"
#include "carillon/session/session_table.h"
#include "carillon/ws/deflate.h"

namespace carillon::api {
class Api;
}

namespace carillon::session {

class Flusher;
class HttpSession;
class WsSession;

// Of the whole process: immutable, or safe on any thread.
struct ProcessContext {
  const config::Settings& settings;
  const log::Logger& logger;
  const auth::AllowedHosts& allowed_hosts;
  const auth::OriginPolicy& origins;
  const consumer::EndpointTable& endpoints;
  Admission& admission;
  fanout::Node& node;
  publish::Publisher& publisher;
  net::BlockingPool& blocking_pool;
  // By worker; filled before the first connection is accepted.
  std::vector<std::shared_ptr<consumer::PeerPort>> ports;
};

struct WorkerContext {
  ProcessContext& process;
  size_t worker;
  net::EventLoop& loop;
  fanout::Hub& hub;
  Flusher& flusher;
  auth::Authenticator& authenticator;
  auth::UserDirectory& directory;
  auth::SessionDirectory* sessions;  // null: tokens only
  api::Api& api;
  SessionMetrics& metrics;
  SessionTable<WsSession>& ws_sessions;
  SessionTable<HttpSession>& http_sessions;
  ws::Inflater& inflater;
  Random& random;
  http::Request& request;  // the one being handled; its views end with the handler's call

  const config::LimitSettings& limits() const noexcept { return process.settings.limits; }
};

}  // namespace carillon::session
