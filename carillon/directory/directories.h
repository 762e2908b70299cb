// Who is asked about users and sessions, as the settings say.
#pragma once

#include <memory>
#include <optional>

#include "carillon/auth/user_directory.h"
#include "carillon/base/clock.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/directory/answer_cache.h"
#include "carillon/directory/database.h"
#include "carillon/directory/health.h"
#include "carillon/fetch/fetcher.h"
#include "carillon/log/logger.h"
#include "carillon/metrics/registry.h"
#include "carillon/net/blocking_pool.h"
#include "carillon/net/event_loop.h"

namespace carillon::directory {

// Of the whole process: what the workers' directories share.
class DirectorySources {
 public:
  // Connects to nothing. The error names the setting and what to do. All are borrowed for life.
  static Result<std::unique_ptr<DirectorySources>, Error> make(const config::AuthSettings& settings,
                                                               const log::Logger& logger,
                                                               const Clock& clock);

 private:
  friend class Directories;
  DirectorySources(const config::AuthSettings& settings, const log::Logger& logger);

  const config::AuthSettings& settings_;
  std::optional<DatabaseSource> database_;
  Health directory_health_;
  Health session_health_;
};

// What one worker's directories need beside their settings. Borrowed for life.
struct DirectoryContext {
  net::EventLoop& loop;
  net::BlockingPool& blocking_pool;
  metrics::Registry& registry;
  size_t worker_count = 1;                // each keeps its share of the answers
  AnswerCache* shared_answers = nullptr;  // null: each worker remembers for itself
};

// One per worker, on its loop; must live until the loop has ended.
class Directories {
 public:
  static Result<std::unique_ptr<Directories>, Error> make(DirectorySources& sources,
                                                          const DirectoryContext& context);

  auth::UserDirectory& users() noexcept { return *users_; }
  // Null when auth.http_url is not set.
  auth::SessionDirectory* sessions() noexcept { return sessions_.get(); }

 private:
  Directories() = default;

  std::unique_ptr<fetch::Fetcher> user_fetcher_;
  std::unique_ptr<fetch::Fetcher> session_fetcher_;
  std::unique_ptr<auth::UserDirectory> users_;
  std::unique_ptr<auth::SessionDirectory> sessions_;
};

}  // namespace carillon::directory
