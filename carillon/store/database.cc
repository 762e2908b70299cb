#include "carillon/store/database.h"

#include <utility>

#include "carillon/store/postgres.h"
#include "carillon/store/sqlite.h"

namespace carillon::store {
namespace {

Result<Connect, Error> connect_for(const Secret& url, const Clock& clock) {
  const std::string_view text = url.reveal();
  if (text.starts_with(kSqliteScheme)) return sqlite_connect(text, clock);
  if (text.starts_with("postgres://") || text.starts_with("postgresql://")) {
    return postgres_connect(url, clock);
  }
  return Err(Error{"database_url",
                   "is no URL of a database that can be read; give sqlite:///path, postgres:// or "
                   "postgresql://"});
}

}  // namespace

Result<std::unique_ptr<Database>, Error> Database::open(const Secret& url,
                                                        const DatabaseOptions& options,
                                                        const Clock& clock) {
  CARILLON_TRY(Connect connect, connect_for(url, clock));
  return std::unique_ptr<Database>(new Database(std::move(connect), options, clock));
}

Database::Database(Connect connect, const DatabaseOptions& options, const Clock& clock)
    : connect_(std::move(connect)), options_(options), clock_(clock) {}

Database::~Database() {
  while (take_idle() != nullptr) {
  }
}

std::unique_ptr<Connection> Database::take_idle() {
  for (auto& slot : idle_) {
    if (Connection* connection = slot.exchange(nullptr, std::memory_order_acq_rel)) {
      return std::unique_ptr<Connection>(connection);
    }
  }
  return nullptr;
}

void Database::keep_idle(std::unique_ptr<Connection> connection) {
  for (auto& slot : idle_) {
    Connection* none = nullptr;
    if (slot.compare_exchange_strong(none, connection.get(), std::memory_order_acq_rel)) {
      (void)connection.release();  // the slot owns it now
      return;
    }
  }
}

Result<std::unique_ptr<Connection>, Error> Database::connect(uint64_t deadline_ms) {
  if (clock_.monotonic_ms() < retry_at_ms_.load(std::memory_order_relaxed)) {
    return Err(Error{"database_unreachable", "could not be reached a moment ago"});
  }
  auto connection = connect_(deadline_ms);
  if (!connection) {
    retry_at_ms_.store(clock_.monotonic_ms() + kRetryMs, std::memory_order_relaxed);
  }
  return connection;
}

Result<std::optional<Row>, Error> Database::query_one(const std::string& sql,
                                                      const std::string& parameter) {
  const uint64_t deadline_ms = clock_.monotonic_ms() + options_.timeout_ms;
  while (std::unique_ptr<Connection> rested = take_idle()) {
    if (!rested->is_usable()) continue;
    auto row = rested->query_one(sql, parameter, deadline_ms);
    const bool is_lost = !row && row.error().code == "database_unreachable";
    if (!is_lost) {
      if (rested->is_usable()) keep_idle(std::move(rested));
      return row;
    }
    // The server ended it while it rested: the others that rest, and then a new one, may do.
  }
  CARILLON_TRY(auto connection, connect(deadline_ms));
  auto row = connection->query_one(sql, parameter, deadline_ms);
  if (connection->is_usable()) keep_idle(std::move(connection));
  return row;
}

}  // namespace carillon::store
