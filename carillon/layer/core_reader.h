// What other processes send to this one: its channel's key on one Redis, emptied as fast as it
// fills, so that senders never find it full by our delay.
#pragma once

#include <string>
#include <string_view>

#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"
#include "carillon/redis/client.h"

namespace carillon::layer {

// On the node's loop; one for each host. Nobody else reads the key, so that no copy of what is
// under way has to be kept in Redis.
class CoreReader {
 public:
  static constexpr uint64_t kBlockS = 5;
  static constexpr size_t kBatchCount = 200;

  using OnMessage = UniqueFunction<void(std::string_view message)>;

  // `client` reads and does nothing else; borrowed, as is what `on_message` needs.
  CoreReader(redis::Client& client, std::string key, OnMessage on_message);

  // The client's state may have changed, or time has passed: reads on, if it does not.
  void on_change();
  // Why Redis will not let it read, though it is connected; empty while it does.
  const std::string& refusal() const noexcept { return refusal_; }

 private:
  void read();
  void on_first(const redis::CommandResult& result);
  void on_batch(const redis::CommandResult& result);

  redis::Client& client_;
  const std::string key_;
  OnMessage on_message_;
  bool is_reading_ = false;
  bool may_block_ = true;  // Redis has not refused BZPOPMIN
  std::string refusal_;
};

}  // namespace carillon::layer
