#include "carillon/redis/blocking.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "carillon/base/clock.h"
#include "carillon/net/event_loop.h"
#include "carillon/net/resolver.h"
#include "carillon/redis/timer.h"

namespace carillon::redis {
namespace {

// One batch, from the connection to the last answer, each of which ends the loop.
class Batch {
 public:
  Batch(net::EventLoop& loop,
        net::Resolver& resolver,
        const Location& location,
        std::span<const std::vector<std::string>> commands,
        uint64_t timeout_ms)
      : loop_(loop),
        location_(location),
        commands_(commands),
        client_(loop,
                resolver,
                location,
                {.connect_timeout_ms = timeout_ms, .command_timeout_ms = timeout_ms}),
        deadline_(loop, [this, timeout_ms] { on_deadline(timeout_ms); }) {
    client_.set_on_change([this] { on_change(); });
    client_.start();
    deadline_.schedule_in(timeout_ms);
  }

  Result<std::vector<CommandResult>, Error> take_outcome() {
    if (failure_) return Err(std::move(*failure_));
    return std::move(results_);
  }

 private:
  void on_change() {
    if (is_sent_) return;  // the commands are told themselves
    if (!client_.is_ready())
      return fail({"redis", location_.to_string() + ": " + client_.trouble()});
    is_sent_ = true;
    for (const std::vector<std::string>& command : commands_) {
      const std::vector<std::string_view> args(command.begin(), command.end());
      client_.command(args, [this](CommandResult result) {
        results_.push_back(std::move(result));
        if (results_.size() == commands_.size()) loop_.stop();
      });
    }
    if (commands_.empty()) loop_.stop();
  }

  void on_deadline(uint64_t timeout_ms) {
    fail({"redis_timeout", location_.to_string() + ": no answer within " +
                               std::to_string(timeout_ms) + " ms; " +
                               std::string(remedy_for(Cause::kTimeout))});
  }

  void fail(Error failure) {
    failure_ = std::move(failure);
    loop_.stop();
  }

  net::EventLoop& loop_;
  const Location& location_;
  const std::span<const std::vector<std::string>> commands_;
  bool is_sent_ = false;
  std::vector<CommandResult> results_;
  std::optional<Error> failure_;
  Client client_;
  Timer deadline_;
};

}  // namespace

Result<std::vector<CommandResult>, Error> run_commands(
    const Location& location,
    std::span<const std::vector<std::string>> commands,
    uint64_t timeout_ms) {
  CARILLON_TRY(const auto loop, net::EventLoop::make(system_clock()));
  net::Resolver resolver;
  Batch batch(*loop, resolver, location, commands, timeout_ms);
  loop->run();
  return batch.take_outcome();
}

}  // namespace carillon::redis
