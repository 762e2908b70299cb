#include "carillon/store/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <utility>

namespace carillon::store {
namespace {

constexpr int kProgressSteps = 1'000;  // of SQLite's machine between looks at the clock

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Row read_row(sqlite3_stmt* statement) {
  Row row;
  const int count = sqlite3_column_count(statement);
  for (int i = 0; i < count; ++i) {
    std::optional<std::string> text;
    if (sqlite3_column_type(statement, i) != SQLITE_NULL) {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      text.emplace(bytes, static_cast<size_t>(sqlite3_column_bytes(statement, i)));
    }
    row.columns.emplace_back(sqlite3_column_name(statement, i), std::move(text));
  }
  return row;
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(Handle handle, const Clock& clock) : handle_(std::move(handle)), clock_(clock) {
    sqlite3_progress_handler(handle_.get(), kProgressSteps, is_too_late, this);
    is_on_disk_ = read_file(file_);
  }

  Result<std::optional<Row>, Error> query_one(const std::string& sql,
                                              const std::string& parameter,
                                              uint64_t deadline_ms) override {
    deadline_ms_ = deadline_ms;
    const uint64_t now_ms = clock_.monotonic_ms();
    const uint64_t left_ms = deadline_ms - std::min(deadline_ms, now_ms);
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(std::min<uint64_t>(left_ms, INT_MAX)));
    sqlite3_stmt* raw = nullptr;
    const int prepared = sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &raw, nullptr);
    const Statement statement(raw);
    if (prepared != SQLITE_OK) return Err(problem(prepared));
    if (statement == nullptr || sqlite3_bind_parameter_count(raw) != 1) {
      return Err(Error{"database_query", "the query must have the one parameter $1"});
    }
    sqlite3_bind_text(raw, 1, parameter.data(), static_cast<int>(parameter.size()), SQLITE_STATIC);
    const int stepped = sqlite3_step(raw);
    if (stepped == SQLITE_DONE) return std::optional<Row>();
    if (stepped != SQLITE_ROW) return Err(problem(stepped));
    return std::optional<Row>(read_row(raw));
  }

  bool is_usable() override {
    File now;
    return is_on_disk_ && read_file(now) && now == file_;
  }

 private:
  struct File {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const File&) const = default;
  };

  static int is_too_late(void* self) {
    const auto& connection = *static_cast<SqliteConnection*>(self);
    return connection.clock_.monotonic_ms() > connection.deadline_ms_ ? 1 : 0;
  }

  bool read_file(File& file) const {
    const char* path = sqlite3_db_filename(handle_.get(), "main");
    struct stat status{};
    if (path == nullptr || ::stat(path, &status) != 0) return false;
    file = {.device = status.st_dev, .inode = status.st_ino};
    return true;
  }

  Error problem(int result) const {
    const std::string what = sqlite3_errmsg(handle_.get());
    switch (result & 0xff) {
      case SQLITE_INTERRUPT:
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return {"database_timeout", what};
      case SQLITE_ERROR:
        return {"database_query", what};
      default:
        return {"database_unreachable", what};
    }
  }

  Handle handle_;
  const Clock& clock_;
  uint64_t deadline_ms_ = 0;
  File file_;
  bool is_on_disk_ = false;
};

Result<std::unique_ptr<Connection>, Error> open_file(const std::string& uri, const Clock& clock) {
  constexpr int kFlags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(uri.c_str(), &raw, kFlags, nullptr);
  Handle handle(raw);
  if (opened != SQLITE_OK) {
    const std::string what = raw != nullptr ? sqlite3_errmsg(raw) : sqlite3_errstr(opened);
    return Err(Error{"database_unreachable", what + " (" + uri.substr(uri.find(':') + 1) + ")"});
  }
  return std::unique_ptr<Connection>(std::make_unique<SqliteConnection>(std::move(handle), clock));
}

}  // namespace

Result<Connect, Error> sqlite_connect(std::string_view url, const Clock& clock) {
  const std::string_view path = url.substr(kSqliteScheme.size());
  if (path.empty() || path.starts_with('?')) {
    return Err(Error{"database_url", "names no file; give sqlite:///path"});
  }
  return Connect(
      [uri = "file:" + std::string(path), &clock](uint64_t) { return open_file(uri, clock); });
}

}  // namespace carillon::store
