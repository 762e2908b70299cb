#include "carillon/directory/database.h"

#include <optional>
#include <utility>

#include "carillon/directory/directory_answer.h"
#include "carillon/directory/user_rights.h"

namespace carillon::directory {

bool DatabaseDirectory::must_look_up(const auth::Identity& identity) const {
  return auth::lacks_role(identity);
}

void DatabaseDirectory::look_up(std::string_view user_id, Then then) {
  const uint64_t number = next_number_++;
  waiting_.emplace(number, std::move(then));
  const bool is_submitted =
      pool_.submit([this, number, id = std::string(user_id), &loop = loop_, &source = source_] {
        Found found = source.database->query_one(source.query, id);
        // Bounded by the lookups under way: each is one job.
        loop.post([this, number, id, found = std::move(found)] { on_found(number, id, found); });
      });
  if (is_submitted) return;
  on_found(number, {}, Err(Error{"database_busy", "too much blocking work waits already"}));
}

void DatabaseDirectory::on_found(uint64_t number, const std::string& user_id, const Found& found) {
  auto waiting = waiting_.extract(number);
  if (!found) {
    source_.health.unwell(found.error());
    return waiting.mapped()(Err(auth::AuthError::kDirectoryUnavailable));
  }
  source_.health.well();
  if (!*found) return waiting.mapped()(Err(auth::AuthError::kUserNotFound));
  waiting.mapped()(rights_of(read_row(**found, user_id)));
}

}  // namespace carillon::directory
