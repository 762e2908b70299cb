#include "carillon/session/admission.h"

#include <netinet/in.h>

#include <algorithm>

namespace carillon::session {
namespace {

// The address without its port: what "per address" means.
std::string key_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return {reinterpret_cast<const char*>(&in.sin_addr), sizeof in.sin_addr};
  }
  if (address.ss_family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
    // A host has a whole /64 to choose from.
    return {reinterpret_cast<const char*>(&in6.sin6_addr), 8};
  }
  return "unix";
}

}  // namespace

Admission::Shard& Admission::shard_of(std::string_view key) {
  return shards_[std::hash<std::string_view>{}(key) % shards_.size()];
}

Admission::Outcome Admission::enter(const sockaddr_storage& address) {
  if (count_.fetch_add(1, std::memory_order_relaxed) >= limits_.connections_max) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    return Outcome::kFull;
  }
  if (!counts_addresses()) return Outcome::kAdmitted;
  const std::string key = key_of(address);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  uint32_t& count = shard.addresses[key];
  if (count >= limits_.address_connections_max) {
    count_.fetch_sub(1, std::memory_order_relaxed);
    return Outcome::kAddressFull;
  }
  ++count;
  return Outcome::kAdmitted;
}

void Admission::leave(const sockaddr_storage& address) {
  count_.fetch_sub(1, std::memory_order_relaxed);
  if (!counts_addresses()) return;
  const std::string key = key_of(address);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.addresses.find(key);
  if (--found->second == 0) shard.addresses.erase(found);
}

Admission::UserEntry Admission::enter_user(std::string_view user_id,
                                           const ConnectionRef& connection) {
  Shard& shard = shard_of(user_id);
  const std::lock_guard lock(shard.mutex);
  const auto [found, is_new] = shard.users.try_emplace(std::string(user_id), User{connection, {}});
  if (is_new) return {};
  User& user = found->second;
  const bool is_full = user.connection_count() >= limits_.user_connections_max;
  if (is_full && !limits_.replaces_oldest) return {.outcome = UserOutcome::kRefused};
  if (user.more == nullptr) user.more = std::make_unique<std::vector<ConnectionRef>>();
  user.more->push_back(connection);
  if (!is_full) return {};
  const UserEntry entry{UserOutcome::kReplaced, user.first};
  user.drop_first();
  return entry;
}

void Admission::User::drop_first() {
  first = more->front();
  more->erase(more->begin());
  if (more->empty()) more.reset();
}

void Admission::leave_user(std::string_view user_id, const ConnectionRef& connection) {
  Shard& shard = shard_of(user_id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.users.find(std::string(user_id));
  if (found == shard.users.end()) return;
  User& user = found->second;
  if (user.first == connection) {
    if (user.more == nullptr) {
      shard.users.erase(found);
      return;
    }
    user.drop_first();
  } else if (user.more != nullptr) {
    std::erase(*user.more, connection);
    if (user.more->empty()) user.more.reset();
  }
}

}  // namespace carillon::session
