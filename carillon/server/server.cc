#include "carillon/server/server.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <thread>

#include "carillon/base/random.h"
#include "carillon/consumer/relay_consumer.h"
#include "carillon/server/layer_factory.h"

namespace carillon::server {
namespace {

// Descriptors kept back from WebSockets: listeners, HTTP, files, the loops' own.
constexpr uint64_t kReservedDescriptors = 256;
constexpr size_t kBlockingThreads = 4;
constexpr size_t kBlockingQueuedMax = 1'000;
constexpr uint64_t kDrainPollMs = 50;

log::LoggerOptions logger_options(const config::Settings& settings) {
  return {.level = log::level_from_text(settings.log_level).value_or(log::Level::kInfo)};
}

auth::AllowedHosts allowed_hosts(const config::Settings& settings) {
  if (settings.allowed_hosts_given) return auth::AllowedHosts(settings.allowed_hosts);
  return auth::AllowedHosts::loopback();
}

// The soft limit becomes the hard one; returns it.
uint64_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::set<std::string> state_types(const config::Settings& settings) {
  std::set<std::string> types;
  for (const auto& endpoint : settings.endpoints) {
    types.insert(endpoint.state_types.begin(), endpoint.state_types.end());
  }
  return types;
}

// Those that every connection of such an endpoint joins; others are as many as there are users.
std::set<std::string> state_groups(const config::Settings& settings) {
  std::set<std::string> groups;
  for (const auto& endpoint : settings.endpoints) {
    if (endpoint.state_types.empty()) continue;
    for (const std::string& group : endpoint.groups) {
      if (group.find('{') == std::string::npos) groups.insert(group);
    }
  }
  return groups;
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

Server::Server(config::Settings settings)
    : settings_(std::move(settings)),
      logger_(logger_options(settings_)),
      allowed_hosts_(allowed_hosts(settings_)),
      origins_(settings_.cors_allowed_origins),
      api_keys_(settings_.api_keys),
      routes_(api::make_routes()) {}

Server::~Server() {
  stop();
}

Result<void, Error> Server::add_configured_endpoints() {
  for (const config::EndpointSettings& endpoint : settings_.endpoints) {
    if (auto added = consumer::add_relay_endpoint(endpoints_, endpoint); !added) return added;
  }
  return {};
}

Result<void, Error> Server::add_endpoint(consumer::EndpointOptions options,
                                         consumer::ConsumerFactory factory) {
  return endpoints_.add(std::move(options), std::move(factory));
}

Result<void, Error> Server::build_node(const Clock& clock) {
  CARILLON_TRY(node_, fanout::Node::make(clock, registry_, logger_,
                                         {.state_types = state_types(settings_),
                                          .state_groups = state_groups(settings_),
                                          .waiting = {settings_.limits.inbound_events_max,
                                                      settings_.limits.inbound_bytes_max}}));
  CARILLON_TRY(auto parts, make_layer({settings_, *node_, clock, registry_, logger_}));
  node_->set_layer(std::move(parts.layer));
  node_->set_state_cache(std::move(parts.state_cache));
  resolver_ = std::move(parts.resolver);
  cache_location_ = std::move(parts.cache_location);
  idempotency_ = std::move(parts.idempotency);
  return {};
}

Result<void, Error> Server::build() {
  const Clock& clock = system_clock();
  const config::LimitSettings& limits = settings_.limits;
  const uint64_t descriptors = raise_descriptor_limit();
  const bool needs_tokens = std::ranges::any_of(
      endpoints_.all(), [](const auto& endpoint) { return endpoint->permission().has_value(); });
  if (!needs_tokens && settings_.auth.secret_key.empty()) {
    // Nobody has to show a token; the API's staff tokens then have a key that nobody knows.
    settings_.auth.secret_key = Secret(random_hex(32));
  }
  connections_max_ = limits.connections_max;
  if (connections_max_ == 0) {
    const uint64_t room = descriptors - std::min(descriptors / 2, kReservedDescriptors);
    connections_max_ = static_cast<uint32_t>(std::min<uint64_t>(room, UINT32_MAX));
  }
  if (auto built = build_node(clock); !built) return built;
  inbox_ = std::make_unique<inbox::MemoryInbox>(
      inbox::MemoryInboxOptions{limits.inbox_notifications_max, limits.inbox_users_max}, clock);
  publisher_ = std::make_unique<publish::Publisher>(
      *node_, *inbox_, *idempotency_, registry_,
      publish::PublisherSettings{.rate_per_s = limits.publish_rate_per_s});
  admission_ = std::make_unique<session::Admission>(
      session::AdmissionLimits{connections_max_, limits.address_connections_max,
                               limits.user_connections_max, limits.user_limit != "refuse"});
  CARILLON_TRY(directory_sources_,
               directory::DirectorySources::make(settings_.auth, logger_, clock));
  blocking_pool_ = std::make_unique<net::BlockingPool>(kBlockingThreads, kBlockingQueuedMax);
  process_ = std::make_unique<session::ProcessContext>(session::ProcessContext{settings_,
                                                                               logger_,
                                                                               allowed_hosts_,
                                                                               origins_,
                                                                               endpoints_,
                                                                               *admission_,
                                                                               *node_,
                                                                               *publisher_,
                                                                               *blocking_pool_,
                                                                               {}});
  api_context_ = std::make_unique<api::ApiContext>(api::ApiContext{
      settings_, allowed_hosts_, origins_, api_keys_, routes_, *node_, *publisher_, registry_,
      is_draining_, page_, [this](const std::string& group, UniqueFunction<void(uint64_t)> then) {
        count_members(group, std::move(then));
      }});
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const size_t wanted = settings_.workers != 0 ? settings_.workers : cores;
  const size_t count = std::min(wanted, fanout::Node::kWorkersMax);
  for (size_t i = 0; i < count; ++i) {
    CARILLON_TRY(auto worker,
                 Worker::make({*process_, *api_context_, *directory_sources_, registry_, clock,
                               count, resolver_.get(), cache_location_}));
    workers_.push_back(std::move(worker));
  }
  return {};
}

Result<void, Error> Server::listen() {
  for (const std::string& bind : settings_.bind) {
    if (auto listened = listen_on(bind); !listened) return listened;
  }
  if (settings_.metrics_bind.empty()) return {};
  CARILLON_TRY(const net::Address address, net::Address::parse(settings_.metrics_bind));
  CARILLON_TRY(net::Fd socket, net::listen_on(address, {.reuse_port = false}));
  CARILLON_TRY(const net::Address bound, net::local_address(socket));
  logger_.info("listening for operators", {{"address", bound.to_string()}});
  workers_.front()->add_listener(std::move(socket), true);
  return {};
}

Result<void, Error> Server::listen_on(const std::string& bind) {
  CARILLON_TRY(net::Address address, net::Address::parse(bind));
  const net::ListenOptions shared{.send_buffer_bytes = settings_.limits.send_buffer_bytes};
  {
    // SO_REUSEPORT would let us join another server on the port, unnoticed: ask without it first.
    net::ListenOptions alone = shared;
    alone.reuse_port = false;
    CARILLON_TRY(net::Fd probe, net::listen_on(address, alone));
    if (address.is_unix()) {
      addresses_.push_back(address.to_string());
      workers_.front()->add_listener(std::move(probe));
      return {};
    }
    CARILLON_TRY(address, net::local_address(probe));
  }
  for (const auto& worker : workers_) {
    CARILLON_TRY(net::Fd socket, net::listen_on(address, shared));
    worker->add_listener(std::move(socket));
  }
  addresses_.push_back(address.to_string());
  return {};
}

Result<void, Error> Server::start() {
  // Blocked before any thread starts, so that only wait_for_signal() sees them.
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (auto built = build(); !built) return built;
  if (auto listening = listen(); !listening) return listening;
  node_->start();
  for (const auto& worker : workers_) worker->start();
  return {};
}

int Server::run() {
  if (auto started = start(); !started) {
    std::fprintf(stderr, "carillon: %s\n", started.error().what.c_str());
    return 3;
  }
  wait_for_signal();
  stop();
  return 0;
}

void Server::wait_for_signal() {
  const sigset_t signals = ending_signals();
  int signal_number = 0;
  while (sigwait(&signals, &signal_number) != 0) {
  }
  if (signal_number == SIGTERM) drain();
}

bool Server::wait_for_second_signal(uint64_t timeout_ms) {
  const sigset_t signals = ending_signals();
  const timespec timeout{static_cast<time_t>(timeout_ms / 1000),
                         static_cast<long>(timeout_ms % 1000) * 1'000'000};
  return sigtimedwait(&signals, nullptr, &timeout) > 0;
}

bool Server::is_idle() const {
  return std::ranges::all_of(workers_,
                             [](const auto& worker) { return worker->connection_count() == 0; });
}

void Server::drain() {
  is_draining_.store(true, std::memory_order_relaxed);
  logger_.info("draining",
               {{"delay_ms", settings_.drain.delay_ms}, {"window_ms", settings_.drain.window_ms}});
  if (settings_.drain.delay_ms > 0 && wait_for_second_signal(settings_.drain.delay_ms)) return;
  for (const auto& worker : workers_) worker->close_listeners();
  for (const auto& worker : workers_) worker->begin_drain(settings_.drain.window_ms);
  // The last ones to be sent away have their time to close, too.
  const uint64_t most_ms = uint64_t{settings_.drain.window_ms} + settings_.limits.close_timeout_ms;
  for (uint64_t waited_ms = 0; waited_ms <= most_ms; waited_ms += kDrainPollMs) {
    if (wait_for_second_signal(kDrainPollMs) || is_idle()) return;
  }
}

void Server::stop() {
  for (const auto& worker : workers_) worker->stop();
  if (blocking_pool_ != nullptr) blocking_pool_.reset();
  if (node_ != nullptr) node_->stop();
}

void Server::count_members(const std::string& group, UniqueFunction<void(uint64_t)> then) {
  struct Count {
    uint64_t members = 0;
    size_t waiting;
    UniqueFunction<void(uint64_t)> then;
  };
  auto count = std::make_shared<Count>(Count{0, workers_.size(), std::move(then)});
  for (const auto& worker : workers_) {
    worker->loop().post([this, count, group, &worker = *worker] {
      node_->post([count, members = worker.member_count(group)] {
        count->members += members;
        if (--count->waiting == 0) count->then(count->members);
      });
    });
  }
}

}  // namespace carillon::server
