#include "carillon/redis/sentinel.h"

#include <charconv>
#include <utility>

#include "carillon/base/assert.h"
#include "carillon/resp/command_writer.h"

namespace carillon::redis {
namespace {

std::optional<HostPort> parse_master(const resp::Reply& reply) {
  if (!reply.is_array() || reply.elements.size() != 2) return std::nullopt;
  const std::string& port = reply.elements[1].text;
  HostPort master{reply.elements[0].text, 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), master.port);
  if (error != std::errc() || end != port.data() + port.size() || master.port == 0 ||
      master.host.empty()) {
    return std::nullopt;
  }
  return master;
}

}  // namespace

MasterWatch::MasterWatch(net::EventLoop& loop,
                         net::Resolver& resolver,
                         MasterWatchOptions options,
                         MasterWatchEvents events)
    : loop_(loop),
      resolver_(resolver),
      options_(std::move(options)),
      events_(std::move(events)),
      timer_(loop, [this] { on_due(); }) {
  CARILLON_ASSERT(!options_.group.sentinels.empty());
}

void MasterWatch::start() {
  connect();
}

void MasterWatch::close() {
  timer_.cancel();
  retire(loop_, std::move(connection_));
}

void MasterWatch::connect() {
  const HostPort& sentinel = options_.group.sentinels[index_];
  connection_ = std::make_unique<Connection>(
      loop_, resolver_,
      ConnectionOptions{.target = {sentinel.host, sentinel.port, {}},
                        .tls = options_.tls,
                        .credentials = options_.group.credentials,
                        .client_name = options_.client_name,
                        .connect_timeout_ms = options_.interval_ms},
      ConnectionEvents{[this] { ask(); }, [this](const resp::Reply& reply) { on_reply(reply); },
                       [this](const Trouble& trouble) { fail(trouble); }});
  connection_->start();
}

void MasterWatch::ask() {
  resp::append_command(connection_->output(),
                       {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", options_.group.master_name});
  connection_->flush();
  is_awaiting_ = true;
  timer_.schedule_in(options_.interval_ms);
}

void MasterWatch::on_reply(const resp::Reply& reply) {
  is_awaiting_ = false;
  if (reply.is_error()) return fail(trouble_of(reply.text));
  const auto master = parse_master(reply);
  if (!master) {
    return fail({Cause::kNoMaster, "the Sentinel at " +
                                       options_.group.sentinels[index_].to_string() +
                                       " knows no master '" + options_.group.master_name + "'"});
  }
  failed_in_row_ = 0;
  timer_.schedule_in(options_.interval_ms);
  if (master == master_) return;
  master_ = master;
  events_.on_master(*master);
}

void MasterWatch::on_due() {
  if (connection_ == nullptr) return connect();
  if (!is_awaiting_) return ask();
  fail({Cause::kTimeout,
        "the Sentinel at " + options_.group.sentinels[index_].to_string() + " does not answer"});
}

void MasterWatch::fail(Trouble trouble) {
  retire(loop_, std::move(connection_));
  timer_.cancel();
  is_awaiting_ = false;
  index_ = (index_ + 1) % options_.group.sentinels.size();
  if (++failed_in_row_ < options_.group.sentinels.size()) return connect();
  failed_in_row_ = 0;
  timer_.schedule_in(options_.interval_ms);
  if (trouble.cause == Cause::kUnreachable || trouble.cause == Cause::kTimeout) {
    trouble.cause = Cause::kNoSentinel;
  }
  events_.on_trouble(trouble);
}

}  // namespace carillon::redis
