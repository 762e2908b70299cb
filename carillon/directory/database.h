// The user directory `database`: a query on a table of users, own or Django's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "carillon/auth/user_directory.h"
#include "carillon/directory/health.h"
#include "carillon/net/blocking_pool.h"
#include "carillon/net/event_loop.h"
#include "carillon/store/database.h"

namespace carillon::directory {

// Of the whole process. The query runs on the blocking pool.
struct DatabaseSource {
  std::unique_ptr<store::Database> database;
  std::string query;  // of one parameter, $1, the user's id; see read_row() for its columns
  Health& health;
};

// One per worker, on its loop; it must live until the loop has ended.
class DatabaseDirectory final : public auth::UserDirectory {
 public:
  // All are borrowed for life; the pool ends before the source.
  DatabaseDirectory(net::EventLoop& loop, net::BlockingPool& pool, DatabaseSource& source)
      : loop_(loop), pool_(pool), source_(source) {}

  bool must_look_up(const auth::Identity& identity) const override;
  void look_up(std::string_view user_id, Then then) override;

 private:
  using Found = Result<std::optional<store::Row>, Error>;
  void on_found(uint64_t number, const std::string& user_id, const Found& found);

  net::EventLoop& loop_;
  net::BlockingPool& pool_;
  DatabaseSource& source_;
  uint64_t next_number_ = 0;
  std::unordered_map<uint64_t, Then> waiting_;  // by the number of the query
};

}  // namespace carillon::directory
