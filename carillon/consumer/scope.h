// What a consumer knows of its connection: Channels' scope.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "carillon/consumer/peer.h"

namespace carillon::consumer {

// A view of the connection, on its loop; as good as the consumer that asked for it.
class Scope {
 public:
  explicit Scope(Peer& peer) : peer_(peer) {}

  const auth::Identity& user() const { return peer_.user(); }
  // A parameter of the endpoint's path, decoded: "id" of "/ws/mentor/{id}/".
  std::optional<std::string_view> param(std::string_view name) const;
  // Of the handshake's request, so only inside connect(): copy what must last.
  std::string_view path() const;
  std::string_view header(std::string_view name) const;
  std::optional<std::string> query_param(std::string_view name) const;

  // Runs `work` on the pool of blocking threads, then `then(result)` on this connection's loop, if
  // the connection still lives. False when the pool's queue is full: neither will run.
  template <class Work, class Then>
  [[nodiscard]] bool defer(Work work, Then then) {
    return peer_.blocking_pool().submit(
        [work = std::move(work), then = std::move(then), handle = peer_.handle()]() mutable {
          handle.post([then = std::move(then), result = work()](Peer&) mutable {
            then(std::move(result));
          });
        });
  }

 private:
  Peer& peer_;
};

}  // namespace carillon::consumer
