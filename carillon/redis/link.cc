#include "carillon/redis/link.h"

#include <utility>

namespace carillon::redis {

Link::Link(net::EventLoop& loop, net::Resolver& resolver, LinkOptions options, LinkEvents events)
    : loop_(loop),
      resolver_(resolver),
      options_(std::move(options)),
      events_(std::move(events)),
      backoff_(options_.retry_ms_min, options_.retry_ms_max, random_),
      retry_(loop, [this] { connect(); }) {}

void Link::start() {
  retry_.schedule_in(0);
}

void Link::close() {
  is_closed_ = true;
  retry_.cancel();
  retire(loop_, std::move(watch_));
  retire(loop_, std::move(connection_));
}

void Link::drop(const Trouble& trouble) {
  if (connection_ == nullptr) return;
  connection_->close();
  on_end(trouble);
}

Result<void, Error> Link::load_tls() {
  if (!options_.location.tls || tls_ != nullptr) return {};
  CARILLON_TRY(tls_, net::TlsContext::make(*options_.location.tls));
  return {};
}

void Link::connect() {
  // The files may come later than we do, so each attempt looks for them again.
  if (auto loaded = load_tls(); !loaded) return on_end({Cause::kTls, loaded.error().what});
  const Location& location = options_.location;
  if (location.sentinel && watch_ == nullptr) start_watch();
  if (location.sentinel && !master_) return;  // on_master() goes on
  const HostPort& server = master_ ? *master_ : location.server;
  connection_ = std::make_unique<Connection>(
      loop_, resolver_,
      ConnectionOptions{.target = {server.host, server.port, location.unix_path},
                        .tls = tls_,
                        .credentials = location.credentials,
                        .database = location.database,
                        .client_name = options_.client_name,
                        .must_be_master = location.sentinel.has_value(),
                        .connect_timeout_ms = options_.connect_timeout_ms,
                        .reply_limits = options_.reply_limits},
      ConnectionEvents{[this] { on_open(); },
                       [this](resp::Reply reply) { events_.on_reply(std::move(reply)); },
                       [this](const Trouble& trouble) { on_end(trouble); }});
  connection_->start();
}

void Link::start_watch() {
  const auto on_trouble = [this](const Trouble& trouble) {
    // A connection that there is outlives its Sentinels; without one theirs is the cause.
    if (!is_open()) events_.on_end(trouble);
  };
  watch_ = std::make_unique<MasterWatch>(
      loop_, resolver_,
      MasterWatchOptions{*options_.location.sentinel, tls_, options_.client_name,
                         options_.sentinel_interval_ms},
      MasterWatchEvents{[this](const HostPort& master) { on_master(master); }, on_trouble});
  watch_->start();
}

void Link::on_master(const HostPort& master) {
  master_ = master;
  backoff_.reset();
  if (connection_ != nullptr) {
    drop({Cause::kEnded, "the Sentinels name another master: " + master.to_string()});
  }
  if (!is_closed_) retry_.schedule_in(0);
}

void Link::on_open() {
  ++open_count_;
  opened_at_ms_ = loop_.now_ms();
  events_.on_open();
}

void Link::on_end(const Trouble& trouble) {
  const bool was_open = opened_at_ms_ != 0;
  // One that did not last is no reason to try again faster.
  if (was_open && loop_.now_ms() - opened_at_ms_ >= options_.retry_ms_max) backoff_.reset();
  opened_at_ms_ = 0;
  retry_.schedule_in(backoff_.next_ms());
  events_.on_end(trouble);
  if (!is_closed_) retire(loop_, std::move(connection_));
}

}  // namespace carillon::redis
