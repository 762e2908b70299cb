// The whole server as one object: build it, add endpoints, run it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "carillon/api/api.h"
#include "carillon/config/settings.h"
#include "carillon/consumer/endpoint.h"
#include "carillon/directory/directories.h"
#include "carillon/inbox/memory_inbox.h"
#include "carillon/log/logger.h"
#include "carillon/metrics/registry.h"
#include "carillon/net/resolver.h"
#include "carillon/publish/publisher.h"
#include "carillon/redis/location.h"
#include "carillon/server/worker.h"

namespace carillon::server {

//   Server server(settings);
//   server.add_endpoint<Chat>({.path = "/ws/chat/"});
//   return server.run();
//
// Everything but stop() and publisher() is for the thread that made it. Endpoints are added before
// start(); consumers live on the server's own threads.
class Server {
 public:
  explicit Server(config::Settings settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The endpoints of the settings: the five of the learning platform and those of the file.
  Result<void, Error> add_configured_endpoints();
  Result<void, Error> add_endpoint(consumer::EndpointOptions options,
                                   consumer::ConsumerFactory factory);
  template <class C>
  Result<void, Error> add_endpoint(consumer::EndpointOptions options) {
    return add_endpoint(std::move(options),
                        [](const consumer::Endpoint&) { return std::make_unique<C>(); });
  }
  // What `/` answers; without it 404.
  void set_page(api::PageHandler page) { page_ = std::move(page); }

  // Binds and starts the threads. Every problem is reported, and nothing keeps running after one.
  Result<void, Error> start();
  // Where it listens, with the ports that the kernel chose.
  const std::vector<std::string>& addresses() const noexcept { return addresses_; }
  uint32_t connections_max() const noexcept { return connections_max_; }
  size_t worker_count() const noexcept { return workers_.size(); }

  // start(), then until SIGTERM or SIGINT; returns the process's exit code: 0, or 3 when it could
  // not start, which is printed to standard error.
  int run();
  // Waits for SIGTERM (drains) or SIGINT (ends at once); after start().
  void wait_for_signal();
  // Ends every connection, clears what the channel layer holds of this process, and joins every
  // thread. Any thread but the server's own; idempotent.
  void stop();

  // Any thread, after start().
  publish::Publisher& publisher() { return *publisher_; }
  const log::Logger& logger() const noexcept { return logger_; }
  metrics::Registry& registry() noexcept { return registry_; }

 private:
  Result<void, Error> build();
  // The node with its channel layer, and what else nodes share through it.
  Result<void, Error> build_node(const Clock& clock);
  Result<void, Error> listen();
  Result<void, Error> listen_on(const std::string& bind);
  void drain();
  bool is_idle() const;
  // Waits for a signal that ends the drain; true when one came.
  static bool wait_for_second_signal(uint64_t timeout_ms);
  void count_members(const std::string& group, UniqueFunction<void(uint64_t)> then);

  config::Settings settings_;  // constant after build()
  log::Logger logger_;
  metrics::Registry registry_;
  consumer::EndpointTable endpoints_;
  api::PageHandler page_;
  std::atomic<bool> is_draining_ = false;
  uint32_t connections_max_ = 0;
  std::vector<std::string> addresses_;

  auth::AllowedHosts allowed_hosts_;
  auth::OriginPolicy origins_;
  auth::ApiKeys api_keys_;
  api::Routes routes_;
  std::unique_ptr<fanout::Node> node_;
  std::unique_ptr<net::Resolver> resolver_;  // of the layer; null where it needs none
  std::optional<redis::Location> cache_location_;
  std::unique_ptr<inbox::MemoryInbox> inbox_;
  std::unique_ptr<publish::IdempotencyTable> idempotency_;
  std::unique_ptr<publish::Publisher> publisher_;
  std::unique_ptr<session::Admission> admission_;
  std::unique_ptr<directory::DirectorySources> directory_sources_;  // outlives the pool's jobs
  std::unique_ptr<net::BlockingPool> blocking_pool_;
  std::unique_ptr<session::ProcessContext> process_;
  std::unique_ptr<api::ApiContext> api_context_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace carillon::server
