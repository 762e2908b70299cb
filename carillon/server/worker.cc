#include "carillon/server/worker.h"

#include <cstring>

#include "carillon/directory/redis_answer_cache.h"
#include "carillon/session/worker_port.h"

namespace carillon::server {
namespace {

bool asks_directories(const config::AuthSettings& auth) {
  return auth.directory != "claims" || !auth.http_url.empty();
}

}  // namespace

Result<std::unique_ptr<Worker>, Error> Worker::make(const WorkerParts& parts) {
  CARILLON_TRY(auto loop, net::EventLoop::make(parts.clock));
  CARILLON_TRY(auto authenticator,
               auth::Authenticator::make(parts.process.settings.auth, parts.clock));
  std::unique_ptr<directory::AnswerCache> answer_cache;
  if (parts.cache_location && asks_directories(parts.process.settings.auth)) {
    const config::Settings& settings = parts.process.settings;
    answer_cache = std::make_unique<directory::RedisAnswerCache>(
        *loop, *parts.resolver, *parts.cache_location,
        directory::RedisAnswerOptions{.prefix = settings.layer.prefix,
                                      .keys = settings.layer.keys,
                                      .max_age_s = settings.auth.directory_ttl_s});
  }
  CARILLON_TRY(auto directories,
               directory::Directories::make(parts.directory_sources,
                                            {.loop = *loop,
                                             .blocking_pool = parts.process.blocking_pool,
                                             .registry = parts.registry,
                                             .worker_count = parts.worker_count,
                                             .shared_answers = answer_cache.get()}));
  return std::unique_ptr<Worker>(new Worker(parts, std::move(loop), std::move(authenticator),
                                            std::move(answer_cache), std::move(directories)));
}

Worker::Worker(const WorkerParts& parts,
               std::shared_ptr<net::EventLoop> loop,
               std::unique_ptr<auth::Authenticator> authenticator,
               std::unique_ptr<directory::AnswerCache> answer_cache,
               std::unique_ptr<directory::Directories> directories)
    : process_(parts.process),
      loop_(std::move(loop)),
      mailbox_({process_.settings.limits.mailbox_events_max,
                process_.settings.limits.mailbox_bytes_max}),
      authenticator_(std::move(authenticator)),
      answer_cache_(std::move(answer_cache)),
      directories_(std::move(directories)),
      metrics_(parts.registry),
      groups_(
          parts.registry.gauge("carillon_groups", "Groups with members, added up over workers")),
      mailbox_events_(parts.registry.gauge("carillon_mailbox_events",
                                           "Events on their way from the node to the workers")),
      direct_dropped_(parts.registry.counter("carillon_direct_events_dropped_total",
                                             "Events for one connection that is not there")),
      slow_turns_(parts.registry.counter("carillon_slow_turns_total",
                                         "Turns of a loop that took longer than 50 ms")),
      ignored_claims_(parts.registry.counter("carillon_token_claims_ignored_total",
                                             "Role claims of a JSON type that they may not have")),
      flusher_(loop_->poller(), ws_sessions_),
      api_(parts.api, *loop_, *authenticator_),
      context_{process_,
               process_.node.attach(*loop_, mailbox_),
               *loop_,
               hub_,
               flusher_,
               *authenticator_,
               directories_->users(),
               directories_->sessions(),
               api_,
               metrics_,
               ws_sessions_,
               http_sessions_,
               inflater_,
               random_,
               request_} {
  loop_->set_turn_handler(this);
  process_.ports.push_back(std::make_shared<session::WorkerPort>(loop_, ws_sessions_));
}

Worker::~Worker() {
  stop();
}

void Worker::add_listener(net::Fd socket, bool is_metrics_bind) {
  listeners_.push_back(std::make_unique<net::Listener>(
      *loop_, std::move(socket),
      [this, is_metrics_bind](net::Fd accepted, const sockaddr_storage& address) {
        session::HttpSession::start(context_, std::move(accepted), address, is_metrics_bind);
      },
      [this](bool is_paused, int reason) {
        if (!is_paused) return process_.logger.info("accepting connections again");
        metrics_.accept_pauses.add();
        process_.logger.warn("accepting has paused: raise the limit of open files",
                             {{"reason", std::string_view(std::strerror(reason))}});
      }));
}

void Worker::start() {
  thread_ = std::thread([this] {
    loop_->run();
    close_everything();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) {
    if (!is_stopping_) close_everything();
    is_stopping_ = true;
    return;
  }
  is_stopping_ = true;
  loop_->stop();
  thread_.join();
}

void Worker::close_everything() {
  listeners_.clear();
  drain_.reset();
  for (size_t i = 0; i < ws_sessions_.slot_count(); ++i) {
    if (session::WsSession* session = ws_sessions_.at(i)) session->abandon();
  }
  for (size_t i = 0; i < http_sessions_.slot_count(); ++i) {
    if (session::HttpSession* session = http_sessions_.at(i)) session->abandon();
  }
  loop_->collect();
}

void Worker::close_listeners() {
  loop_->post([this] {
    for (const auto& listener : listeners_) listener->close();
  });
}

void Worker::begin_drain(uint64_t window_ms) {
  loop_->post([this, window_ms] {
    for (size_t i = 0; i < http_sessions_.slot_count(); ++i) {
      if (session::HttpSession* session = http_sessions_.at(i)) session->close_when_idle();
    }
    drain_ =
        std::make_unique<Drain>(*loop_, ws_sessions_, window_ms, [this] { take_all_rounds(); });
  });
}

void Worker::take_round() {
  if (mailbox_.take(kRoundEventsMax, kRoundBytesMax, round_)) {
    process_.node.on_room(context_.worker);
  }
  for (const fanout::PreparedEventPtr& event : round_) hand_out(event);
  round_.clear();
}

void Worker::hand_out(const fanout::PreparedEventPtr& event) {
  if (event->is_for_group()) {
    hub_.fan_out(event);
    return;
  }
  if (!event->connection) return hub_.report_gap(event->group);
  const fanout::ConnectionName& name = *event->connection;
  session::WsSession* session = ws_sessions_.find({name.slot, name.generation});
  if (session == nullptr) return direct_dropped_.add();
  if (event->is_gap) return session->on_gap();
  fanout::Delivery delivery(event, hub_.deflater());
  session->deliver(delivery);
}

void Worker::take_all_rounds() {
  while (!mailbox_.is_empty()) {
    while (!flusher_.flush_round()) {
    }
    take_round();
  }
}

bool Worker::on_turn_end() {
  flusher_.flush_answers();
  if (flusher_.is_round_over() && !mailbox_.is_empty()) {
    take_round();
    // A consumer's handler may have answered events: those frames leave now, not a turn later.
    flusher_.flush_answers();
  }
  flusher_.flush_round();
  count_.store(ws_sessions_.count(), std::memory_order_relaxed);
  groups_.set(static_cast<int64_t>(hub_.group_count()));
  mailbox_events_.set(static_cast<int64_t>(mailbox_.event_count()));
  slow_turns_.set(loop_->slow_turn_count());
  ignored_claims_.set(authenticator_->ignored_claims());
  return !flusher_.is_round_over() || !mailbox_.is_empty() || flusher_.has_answers();
}

}  // namespace carillon::server
