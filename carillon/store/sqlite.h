// SQLite files, opened for reading.
#pragma once

#include <string_view>

#include "carillon/base/clock.h"
#include "carillon/store/connection.h"

namespace carillon::store {

inline constexpr std::string_view kSqliteScheme = "sqlite:///";

// `url` is kSqliteScheme and a path, percent-encoded; what stands after a '?' is for SQLite. A file
// that was replaced is opened again.
Result<Connect, Error> sqlite_connect(std::string_view url, const Clock& clock);

}  // namespace carillon::store
