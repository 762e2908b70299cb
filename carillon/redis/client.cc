#include "carillon/redis/client.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/redis/link.h"
#include "carillon/redis/timer.h"
#include "carillon/resp/command_writer.h"

namespace carillon::redis {
namespace {

using Kind = CommandError::Kind;

LinkOptions link_options(Location location, const ClientOptions& options) {
  return {.location = std::move(location),
          .client_name = options.client_name,
          .connect_timeout_ms = options.connect_timeout_ms,
          .retry_ms_min = options.retry_ms_min,
          .retry_ms_max = options.retry_ms_max,
          .sentinel_interval_ms = options.sentinel_interval_ms,
          .reply_limits = options.reply_limits};
}

// Of EXEC: an error of one command is one of all.
CommandResult whole(CommandResult result) {
  if (!result) return result;
  if (!result->is_array())
    return Err(CommandError{Kind::kRefused, "the transaction was discarded"});
  for (const resp::Reply& reply : result->elements) {
    if (reply.is_error()) return Err(CommandError{Kind::kRefused, trouble_of(reply.text).what});
  }
  return result;
}

}  // namespace

// What the loop may still know when the Client is gone: closed with it, destroyed after the turn.
// So a task that it posts finds it alive, and asks only whether it is closed.
class Client::Core {
 public:
  Core(net::EventLoop& loop, net::Resolver& resolver, Location location, ClientOptions options)
      : loop_(loop),
        options_(std::move(options)),
        link_(loop,
              resolver,
              link_options(std::move(location), options_),
              {[this] { on_open(); }, [this](resp::Reply reply) { on_reply(std::move(reply)); },
               [this](const Trouble& trouble) { on_end(trouble); }}),
        watch_(loop, [this] { on_watch_due(); }),
        probe_(loop, [this] { send_probe(); }),
        stop_deadline_(loop, [this] { finish_stop(); }),
        trouble_{Cause::kNotConnected, "Redis is not connected yet; try again in a moment"},
        trouble_text_(trouble_.to_string()) {}

  void set_on_change(OnChange on_change) { on_change_ = std::move(on_change); }
  void start() { link_.start(); }
  void close();
  void command(std::span<const std::string_view> args, OnReply then, uint64_t blocks_ms);
  void transaction(std::span<const std::vector<std::string_view>> commands, OnReply then);
  void flush();
  void stop(uint64_t deadline_ms, UniqueFunction<void()> then);

  bool is_ready() const noexcept { return is_ready_; }
  bool is_connected() const noexcept { return link_.is_open() && !is_stopping_; }
  const Trouble& trouble() const noexcept { return trouble_; }
  const std::string& trouble_text() const noexcept { return trouble_text_; }
  size_t pending_count() const noexcept { return pending_.size(); }
  uint64_t reconnect_count() const noexcept { return link_.reconnect_count(); }

 private:
  struct Pending {
    OnReply then;
    uint64_t begins_at;  // in the bytes queued on this connection
    uint64_t timeout_ms;
  };
  struct Failed {
    OnReply then;
    std::string text;
  };

  void send(std::span<const std::string_view> args, OnReply then, uint64_t timeout_ms);
  std::optional<std::string> why_not(size_t count, size_t bytes);
  void send_probe();
  void on_probe_reply(const CommandResult& result);
  void fail_later(OnReply then, std::string text);
  void deliver_failed();
  void fail_pending(const Trouble& trouble, uint64_t taken_bytes);

  void on_open();
  void on_reply(resp::Reply reply);
  void on_end(const Trouble& trouble);
  void on_refused(const Trouble& trouble);
  void set_ready();
  void set_trouble(const Trouble& trouble);
  uint64_t watch_deadline_ms();
  void on_watch_due();
  void disconnect();
  void finish_stop();

  net::EventLoop& loop_;
  const ClientOptions options_;
  Link link_;
  Timer watch_;  // silence
  Timer probe_;
  Timer stop_deadline_;
  OnChange on_change_;
  std::deque<Pending> pending_;  // in the order of their answers
  uint64_t queued_bytes_ = 0;    // on this connection
  uint64_t awaited_since_ms_ = 0;
  std::deque<Failed> failed_;
  Trouble trouble_;
  std::string trouble_text_;
  UniqueFunction<void()> on_stopped_;
  bool is_ready_ = false;
  bool is_flush_posted_ = false;
  bool is_stopping_ = false;
  bool is_closed_ = false;
};

void Client::Core::close() {
  is_closed_ = true;
  disconnect();
}

void Client::Core::disconnect() {
  is_ready_ = false;
  watch_.cancel();
  probe_.cancel();
  stop_deadline_.cancel();
  link_.close();
}

void Client::Core::command(std::span<const std::string_view> args,
                           OnReply then,
                           uint64_t blocks_ms) {
  if (auto why = why_not(1, resp::command_bytes(args))) return fail_later(std::move(then), *why);
  send(args, std::move(then), options_.command_timeout_ms + blocks_ms);
}

void Client::Core::transaction(std::span<const std::vector<std::string_view>> commands,
                               OnReply then) {
  const std::string_view begin[] = {"MULTI"};
  const std::string_view end[] = {"EXEC"};
  size_t bytes = resp::command_bytes(begin) + resp::command_bytes(end);
  for (const auto& args : commands) bytes += resp::command_bytes(args);
  if (auto why = why_not(commands.size() + 2, bytes)) return fail_later(std::move(then), *why);
  const auto ignore = [](const CommandResult&) {};  // EXEC tells
  send(begin, ignore, options_.command_timeout_ms);
  for (const auto& args : commands) send(args, ignore, options_.command_timeout_ms);
  send(
      end,
      [then = std::move(then)](CommandResult result) mutable { then(whole(std::move(result))); },
      options_.command_timeout_ms);
}

// Nothing: so many commands and bytes more can be sent.
std::optional<std::string> Client::Core::why_not(size_t count, size_t bytes) {
  if (is_stopping_) return "the connection to Redis is being closed";
  if (!link_.is_open()) return trouble_text_;
  const bool is_full = pending_.size() + count > options_.pending_commands_max ||
                       link_.connection().waiting_bytes() + bytes > options_.pending_bytes_max;
  if (is_full) return "too many commands wait for Redis";
  return std::nullopt;
}

void Client::Core::send(std::span<const std::string_view> args, OnReply then, uint64_t timeout_ms) {
  std::string& output = link_.connection().output();
  const size_t before_bytes = output.size();
  resp::append_command(output, args);
  const bool is_first = pending_.empty();
  pending_.push_back({std::move(then), queued_bytes_, timeout_ms});
  queued_bytes_ += output.size() - before_bytes;
  if (is_first) {
    awaited_since_ms_ = loop_.now_ms();
    watch_.schedule_by(watch_deadline_ms());
  }
  if (is_flush_posted_) return;
  is_flush_posted_ = true;
  loop_.post([this] {
    is_flush_posted_ = false;
    if (!is_closed_) flush();
  });
}

void Client::Core::flush() {
  if (link_.is_open()) link_.connection().flush();
}

void Client::Core::fail_later(OnReply then, std::string text) {
  failed_.push_back({std::move(then), std::move(text)});
  if (failed_.size() > 1) return;
  loop_.post([this] { deliver_failed(); });
}

void Client::Core::deliver_failed() {
  std::deque<Failed> failed = std::exchange(failed_, {});
  for (Failed& each : failed) {
    if (is_closed_) return;
    each.then(Err(CommandError{Kind::kUnavailable, std::move(each.text)}));
  }
}

void Client::Core::on_open() {
  queued_bytes_ = 0;
  awaited_since_ms_ = loop_.now_ms();
  watch_.schedule_by(watch_deadline_ms());
  if (options_.write_probe_key.empty()) return set_ready();
  send_probe();
}

void Client::Core::send_probe() {
  if (!link_.is_open()) return;
  const std::string_view args[] = {"ZADD", options_.write_probe_key, "XX", "0", "-"};
  send(
      args, [this](const CommandResult& result) { on_probe_reply(result); },
      options_.command_timeout_ms);
}

void Client::Core::on_probe_reply(const CommandResult& result) {
  if (result) return set_ready();
  const CommandError& error = result.error();
  if (error.kind != Kind::kRefused) return;  // the connection's end says why
  // The key is no sorted set: a write would be looked at.
  if (error.text.starts_with("WRONGTYPE")) return set_ready();
  probe_.schedule_in(options_.retry_ms_max / 4);
  set_trouble({cause_of(error.text), error.text});
}

void Client::Core::on_reply(resp::Reply reply) {
  if (pending_.empty()) {
    return link_.drop({Cause::kNotRedis, "an answer came that nobody had asked for"});
  }
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  watch_.schedule_by(watch_deadline_ms());
  if (!reply.is_error()) {
    pending.then(std::move(reply));
  } else {
    const Trouble trouble = trouble_of(reply.text);
    pending.then(Err(CommandError{Kind::kRefused, trouble.what}));
    if (!is_closed_) on_refused(trouble);
  }
  if (!is_closed_ && is_stopping_ && pending_.empty()) finish_stop();
}

void Client::Core::on_refused(const Trouble& trouble) {
  if (ends_connection(trouble.cause)) return link_.drop(trouble);
  if (!refuses_writes(trouble.cause) || !is_ready_ || options_.write_probe_key.empty()) return;
  probe_.schedule_in(options_.retry_ms_max / 4);
  set_trouble(trouble);
}

void Client::Core::on_end(const Trouble& trouble) {
  watch_.cancel();
  probe_.cancel();
  is_ready_ = false;
  const uint64_t taken_bytes = link_.has_connection() ? link_.connection().taken_bytes() : 0;
  fail_pending(trouble, taken_bytes);
  if (is_closed_) return;
  if (is_stopping_) return finish_stop();
  set_trouble(trouble);
}

void Client::Core::fail_pending(const Trouble& trouble, uint64_t taken_bytes) {
  const std::string text = trouble.to_string();
  std::deque<Pending> pending = std::exchange(pending_, {});
  for (Pending& each : pending) {
    if (is_closed_) return;
    const bool is_sent = each.begins_at < taken_bytes;
    each.then(Err(CommandError{is_sent ? Kind::kLost : Kind::kUnavailable, text}));
  }
}

void Client::Core::set_ready() {
  if (is_ready_) return;
  is_ready_ = true;
  trouble_ = {};
  trouble_text_.clear();
  if (on_change_) on_change_();
}

void Client::Core::set_trouble(const Trouble& trouble) {
  if (!is_ready_ && trouble == trouble_) return;
  is_ready_ = false;
  trouble_ = trouble;
  trouble_text_ = trouble.to_string();
  if (on_change_) on_change_();
}

// Of the silence that is too long: for the oldest command, or with none for the connection's
// health.
uint64_t Client::Core::watch_deadline_ms() {
  const uint64_t since_ms = std::max(awaited_since_ms_, link_.connection().last_read_ms());
  return since_ms + (pending_.empty() ? options_.health_interval_ms : pending_.front().timeout_ms);
}

void Client::Core::on_watch_due() {
  if (!link_.is_open()) return;
  if (loop_.now_ms() < watch_deadline_ms()) return watch_.schedule_at(watch_deadline_ms());
  if (!pending_.empty()) {
    return link_.drop({Cause::kTimeout, "Redis has not answered for " +
                                            std::to_string(pending_.front().timeout_ms) + " ms"});
  }
  const std::string_view args[] = {"PING"};
  send(args, [](const CommandResult&) {}, options_.command_timeout_ms);
}

void Client::Core::stop(uint64_t deadline_ms, UniqueFunction<void()> then) {
  CARILLON_ASSERT(!is_stopping_);
  is_stopping_ = true;
  on_stopped_ = std::move(then);
  flush();
  stop_deadline_.schedule_in(pending_.empty() ? 0 : deadline_ms);
}

void Client::Core::finish_stop() {
  const uint64_t taken_bytes = link_.has_connection() ? link_.connection().taken_bytes() : 0;
  disconnect();
  trouble_ = {Cause::kNotConnected, "the connection to Redis is closed"};
  trouble_text_ = trouble_.to_string();
  fail_pending(trouble_, taken_bytes);
  if (!is_closed_) on_stopped_();
}

Client::Client(net::EventLoop& loop,
               net::Resolver& resolver,
               Location location,
               ClientOptions options)
    : loop_(loop),
      core_(std::make_unique<Core>(loop, resolver, std::move(location), std::move(options))) {}

Client::~Client() {
  retire(loop_, std::move(core_));
}

void Client::set_on_change(OnChange on_change) {
  core_->set_on_change(std::move(on_change));
}
void Client::start() {
  core_->start();
}
void Client::command(std::span<const std::string_view> args, OnReply then, uint64_t blocks_ms) {
  core_->command(args, std::move(then), blocks_ms);
}
void Client::command(std::initializer_list<std::string_view> args,
                     OnReply then,
                     uint64_t blocks_ms) {
  core_->command(std::span(args.begin(), args.size()), std::move(then), blocks_ms);
}
void Client::transaction(std::span<const std::vector<std::string_view>> commands, OnReply then) {
  core_->transaction(commands, std::move(then));
}
void Client::flush() {
  core_->flush();
}
bool Client::is_ready() const noexcept {
  return core_->is_ready();
}
bool Client::is_connected() const noexcept {
  return core_->is_connected();
}
const std::string& Client::trouble() const noexcept {
  return core_->trouble_text();
}
Cause Client::cause() const noexcept {
  return core_->trouble().cause;
}
size_t Client::pending_count() const noexcept {
  return core_->pending_count();
}
uint64_t Client::reconnect_count() const noexcept {
  return core_->reconnect_count();
}
void Client::stop(uint64_t deadline_ms, UniqueFunction<void()> then) {
  core_->stop(deadline_ms, std::move(then));
}

}  // namespace carillon::redis
