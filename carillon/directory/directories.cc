#include "carillon/directory/directories.h"

#include <algorithm>
#include <utility>

#include "carillon/directory/cached_directory.h"
#include "carillon/directory/http.h"
#include "carillon/directory/session.h"

namespace carillon::directory {
namespace {

Result<void, Error> check(const config::AuthSettings& settings) {
  if (settings.directory == "database" && settings.database_url.empty()) {
    return Err(Error{"directory_unset",
                     "auth.database_url: is not set, and auth.directory is database; set "
                     "DATABASE_URL to Django's database, such as sqlite:///db.sqlite3"});
  }
  if (settings.directory == "http" && settings.directory_url.empty()) {
    return Err(Error{"directory_unset",
                     "auth.directory_url: is not set, and auth.directory is http; set it to the "
                     "backend's URL, such as http://127.0.0.1:8001/users/{user_id}/"});
  }
  return {};
}

Result<std::unique_ptr<fetch::Fetcher>, Error> make_fetcher(const config::AuthSettings& settings,
                                                            net::EventLoop& loop) {
  return fetch::Fetcher::make(loop, {.timeout_ms = settings.directory_timeout_ms,
                                     .concurrency_max = settings.directory_concurrency_max});
}

LookupOptions lookup_options(const config::AuthSettings& settings,
                             const DirectoryContext& context,
                             std::string_view shared_prefix) {
  const size_t share = settings.directory_users_max / std::max<size_t>(context.worker_count, 1);
  return {.ttl_ms = uint64_t{settings.directory_ttl_s} * 1'000,
          .timeout_ms = settings.directory_timeout_ms,
          .answers_max = std::max<size_t>(share, 1),
          .concurrency_max = settings.directory_concurrency_max,
          .shared = context.shared_answers,
          .shared_prefix = shared_prefix};
}

}  // namespace

Result<std::unique_ptr<DirectorySources>, Error> DirectorySources::make(
    const config::AuthSettings& settings, const log::Logger& logger, const Clock& clock) {
  if (auto checked = check(settings); !checked) return Err(checked.error());
  std::unique_ptr<DirectorySources> sources(new DirectorySources(settings, logger));
  if (settings.directory == "database") {
    auto database = store::Database::open(settings.database_url,
                                          {.timeout_ms = settings.directory_timeout_ms}, clock);
    if (!database) {
      return Err(Error{database.error().code, "auth.database_url: " + database.error().what});
    }
    sources->database_.emplace(DatabaseSource{.database = std::move(*database),
                                              .query = settings.database_query,
                                              .health = sources->directory_health_});
  }
  return sources;
}

DirectorySources::DirectorySources(const config::AuthSettings& settings, const log::Logger& logger)
    : settings_(settings),
      directory_health_(logger,
                        settings.directory == "http" ? "auth.directory_url" : "auth.database_url"),
      session_health_(logger, "auth.http_url") {}

Result<std::unique_ptr<Directories>, Error> Directories::make(DirectorySources& sources,
                                                              const DirectoryContext& context) {
  const config::AuthSettings& settings = sources.settings_;
  std::unique_ptr<Directories> made(new Directories);
  std::unique_ptr<auth::UserDirectory> asked;
  if (sources.database_) {
    asked = std::make_unique<DatabaseDirectory>(context.loop, context.blocking_pool,
                                                *sources.database_);
  } else if (settings.directory == "http") {
    CARILLON_TRY(made->user_fetcher_, make_fetcher(settings, context.loop));
    asked = std::make_unique<HttpDirectory>(*made->user_fetcher_, settings.directory_url,
                                            sources.directory_health_);
  }
  if (asked == nullptr) {
    made->users_ = std::make_unique<auth::ClaimsDirectory>();
  } else {
    made->users_ = std::make_unique<CachedDirectory>(context.loop, context.registry,
                                                     lookup_options(settings, context, "user:"),
                                                     std::move(asked));
  }
  if (!settings.http_url.empty()) {
    CARILLON_TRY(made->session_fetcher_, make_fetcher(settings, context.loop));
    made->sessions_ = std::make_unique<SessionDirectory>(
        context.loop, context.registry, lookup_options(settings, context, "session:"),
        *made->session_fetcher_, settings.http_url, sources.session_health_);
  }
  return made;
}

}  // namespace carillon::directory
