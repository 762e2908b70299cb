// A blocking client socket whose every step ends by a deadline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/bytes.h"
#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "cmd/url.h"

namespace carillon::cmd {

// The moment by which a whole exchange must be over. `clock` is borrowed.
class Deadline {
 public:
  Deadline(const Clock& clock, uint64_t timeout_ms)
      : clock_(clock), timeout_ms_(timeout_ms), end_ms_(clock.monotonic_ms() + timeout_ms) {}
  int remaining_ms() const;  // 0 when it has passed
  uint64_t timeout_ms() const noexcept { return timeout_ms_; }

 private:
  const Clock& clock_;
  uint64_t timeout_ms_;
  uint64_t end_ms_;
};

// TCP or a unix socket, closed on destruction. Errors have the codes "unreachable" (nobody listens
// there), "timeout" and "closed", and say what to do.
class Socket {
 public:
  static Result<Socket, Error> connect(const Url& url, const Deadline& deadline);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  Result<void, Error> write_all(std::string_view bytes, const Deadline& deadline);
  // At least one byte, or 0 when the peer has closed.
  Result<size_t, Error> read_some(MutableByteView into, const Deadline& deadline);

 private:
  Socket(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  Result<void, Error> wait(int events, const Deadline& deadline) const;

  int descriptor_ = -1;
  std::string name_;  // of the server, for errors
};

}  // namespace carillon::cmd
