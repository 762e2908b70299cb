// How many connections the process, an address and a user may have.
#pragma once

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "carillon/consumer/peer.h"

namespace carillon::session {

struct AdmissionLimits {
  uint32_t connections_max;
  uint32_t address_connections_max;  // 0: no limit
  uint32_t user_connections_max;
  bool replaces_oldest = true;  // else one connection too many of a user is refused
};

// Which connection, on which worker.
struct ConnectionRef {
  uint32_t worker = 0;
  consumer::SessionId id;
  bool operator==(const ConnectionRef&) const = default;
};

// One per process, used by all loops: these limits are the process's, so here alone the loops meet
// in a lock, for about 50 ns a handshake (docs/adr/0005).
class Admission {
 public:
  enum class Outcome : uint8_t { kAdmitted, kFull, kAddressFull };
  enum class UserOutcome : uint8_t { kAdmitted, kReplaced, kRefused };
  struct UserEntry {
    UserOutcome outcome = UserOutcome::kAdmitted;
    ConnectionRef replaced;  // kReplaced: the oldest, which must now be closed
  };

  explicit Admission(const AdmissionLimits& limits) : limits_(limits) {}

  // Takes a place; give it back with leave().
  Outcome enter(const sockaddr_storage& address);
  void leave(const sockaddr_storage& address);

  UserEntry enter_user(std::string_view user_id, const ConnectionRef& connection);
  // Idempotent: a replaced connection has left already.
  void leave_user(std::string_view user_id, const ConnectionRef& connection);

  uint32_t connection_count() const noexcept { return count_.load(std::memory_order_relaxed); }
  bool counts_addresses() const noexcept { return limits_.address_connections_max != 0; }

 private:
  // Of one user, oldest first. Most have one connection.
  struct User {
    ConnectionRef first;
    std::unique_ptr<std::vector<ConnectionRef>> more;  // null or not empty

    size_t connection_count() const { return 1 + (more != nullptr ? more->size() : 0); }
    void drop_first();
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, User> users;
    std::unordered_map<std::string, uint32_t> addresses;
  };
  Shard& shard_of(std::string_view key);

  const AdmissionLimits limits_;
  std::atomic<uint32_t> count_ = 0;
  std::array<Shard, 16> shards_;
};

}  // namespace carillon::session
