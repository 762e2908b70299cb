// One core's share of the server: a loop, its thread, and every connection that it accepted.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "carillon/api/api.h"
#include "carillon/directory/directories.h"
#include "carillon/fanout/event_mailbox.h"
#include "carillon/net/listener.h"
#include "carillon/server/drain.h"
#include "carillon/session/flusher.h"
#include "carillon/session/http_session.h"
#include "carillon/session/worker_context.h"
#include "carillon/session/ws_session.h"

namespace carillon::server {

// What the workers of a server share, borrowed for life.
struct WorkerParts {
  session::ProcessContext& process;
  const api::ApiContext& api;
  directory::DirectorySources& directory_sources;
  metrics::Registry& registry;
  const Clock& clock;
  size_t worker_count;
};

class Worker final : public net::TurnHandler {
 public:
  // A round of events: what the worker takes from its mailbox at once. Below the bounds of a send
  // queue, so that no healthy reader can overflow by our own haste.
  static constexpr size_t kRoundEventsMax = 256;
  static constexpr size_t kRoundBytesMax = 256 * 1024;

  // Call on the thread that starts the server.
  static Result<std::unique_ptr<Worker>, Error> make(const WorkerParts& parts);
  ~Worker();

  // Accepts on `socket` from start() on.
  void add_listener(net::Fd socket, bool is_metrics_bind = false);
  void start();
  // Closes every connection at once and joins the thread. Idempotent.
  void stop();

  // Any thread.
  void close_listeners();
  void begin_drain(uint64_t window_ms);
  size_t connection_count() const noexcept { return count_.load(std::memory_order_relaxed); }

  // On the worker's loop.
  size_t member_count(std::string_view group) const { return hub_.member_count(group); }
  net::EventLoop& loop() noexcept { return *loop_; }

  bool on_turn_end() override;

 private:
  Worker(const WorkerParts& parts,
         std::shared_ptr<net::EventLoop> loop,
         std::unique_ptr<auth::Authenticator> authenticator,
         std::unique_ptr<directory::Directories> directories);
  void take_round();
  void hand_out(const fanout::PreparedEventPtr& event);
  // Until the mailbox is empty; what is taken last is on its way out.
  void take_all_rounds();
  void close_everything();

  session::ProcessContext& process_;
  std::shared_ptr<net::EventLoop> loop_;
  fanout::EventMailbox mailbox_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<directory::Directories> directories_;
  fanout::Hub hub_;
  session::SessionTable<session::WsSession> ws_sessions_;
  session::SessionTable<session::HttpSession> http_sessions_;
  session::SessionMetrics metrics_;
  metrics::Gauge& groups_;
  metrics::Gauge& mailbox_events_;
  metrics::Counter& direct_dropped_;
  metrics::Counter& slow_turns_;
  metrics::Counter& ignored_claims_;
  session::Flusher flusher_;
  api::Api api_;
  ws::Inflater inflater_;
  Random random_;
  http::Request request_;
  session::WorkerContext context_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::unique_ptr<Drain> drain_;
  std::vector<fanout::PreparedEventPtr> round_;
  std::atomic<size_t> count_ = 0;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace carillon::server
