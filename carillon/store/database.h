// Reading a database of others: SQLite and PostgreSQL, one row at a time, never writing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/base/secret.h"
#include "carillon/store/connection.h"
#include "carillon/store/row.h"

namespace carillon::store {

struct DatabaseOptions {
  uint64_t timeout_ms = 2'000;  // of one query, its connection included
};

// Any thread, and it blocks: for jobs of a BlockingPool. Each query has a connection to itself;
// those that rest are kept for the next.
class Database {
 public:
  // After a connection that failed, queries fail at once for so long: a database that hangs must
  // not hold every thread of the pool.
  static constexpr uint64_t kRetryMs = 1'000;
  static constexpr size_t kIdleConnectionsMax = 8;

  // sqlite:///relative/path, sqlite:////absolute/path, postgres:// or postgresql:// as libpq takes
  // them. Connects to nothing yet. The error never holds the URL. `clock` is borrowed for life.
  static Result<std::unique_ptr<Database>, Error> open(const Secret& url,
                                                       const DatabaseOptions& options,
                                                       const Clock& clock);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The first row of a query with the one parameter $1; nothing when there is none, and when
  // `parameter` cannot be of the type that $1 has ("seven" for an integer).
  //
  // The codes of errors: database_unreachable, database_timeout, database_query (the database does
  // not take the query).
  Result<std::optional<Row>, Error> query_one(const std::string& sql, const std::string& parameter);

 private:
  Database(Connect connect, const DatabaseOptions& options, const Clock& clock);

  std::unique_ptr<Connection> take_idle();
  void keep_idle(std::unique_ptr<Connection> connection);
  Result<std::unique_ptr<Connection>, Error> connect(uint64_t deadline_ms);

  const Connect connect_;
  const DatabaseOptions options_;
  const Clock& clock_;
  std::atomic<uint64_t> retry_at_ms_ = 0;
  std::array<std::atomic<Connection*>, kIdleConnectionsMax> idle_{};  // owned
};

}  // namespace carillon::store
