// What each kind of database brings.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/store/row.h"

namespace carillon::store {

// One thread at a time. Read-only.
class Connection {
 public:
  virtual ~Connection() = default;

  // As Database::query_one. `deadline_ms` is of the clock that the connection was made with.
  virtual Result<std::optional<Row>, Error> query_one(const std::string& sql,
                                                      const std::string& parameter,
                                                      uint64_t deadline_ms) = 0;
  // False when another must be made before the next query.
  virtual bool is_usable() = 0;
};

// Makes one; the codes of errors are database_unreachable and database_timeout. Any thread.
using Connect = std::function<Result<std::unique_ptr<Connection>, Error>(uint64_t deadline_ms)>;

}  // namespace carillon::store
