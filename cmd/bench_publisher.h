// The publisher of a run: one keep-alive HTTP connection, with pipelining.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/http/client.h"
#include "cmd/bench_upgrade.h"

namespace carillon::bench {

// Publishes stamped events to the run's group. One thread.
class Publisher {
 public:
  static Result<Publisher, Error> connect(const Run& run);

  // Sends events number `first` to `first + count - 1`, stamped with `sent_ns`, in one write as
  // far as the socket takes it.
  Result<void, Error> publish(uint32_t first, uint32_t count, uint64_t sent_ns);

  // Reads and writes until every request has its answer. An answer other than 2xx is an error.
  Result<void, Error> wait_for_answers();

  // The same, but only until the monotonic time `deadline_ns`.
  Result<void, Error> pump_until(uint64_t deadline_ns);

 private:
  Publisher(Socket socket, std::string request, uint32_t event_at, uint32_t patience_s)
      : socket_(std::move(socket)),
        request_(std::move(request)),
        event_at_(event_at),
        patience_s_(patience_s) {}

  Result<void, Error> pump(int64_t wait_ns);
  Result<void, Error> write_some();
  Result<void, Error> read_some();
  Result<bool, Error> take_answer();

  Socket socket_;
  std::string request_;  // with zeros in the place of the stamp
  uint32_t event_at_;    // where the event begins in it
  uint32_t patience_s_;
  std::string unsent_, unread_;
  http::ResponseHead head_;
  uint64_t sent_ = 0, answered_ = 0;
};

}  // namespace carillon::bench
