#include "carillon/directory/probe.h"

#include <optional>
#include <string_view>
#include <utility>

#include "carillon/directory/http.h"
#include "carillon/directory/session.h"
#include "carillon/fetch/fetcher.h"
#include "carillon/net/event_loop.h"
#include "carillon/store/database.h"

namespace carillon::directory {
namespace {

constexpr std::string_view kNobody = "0";  // no user of Django's has this id

Error located(std::string_view setting, const Error& error, std::string_view remedy) {
  std::string what = std::string(setting) + ": " + error.what;
  // A remedy that is there already is the better one.
  if (!remedy.empty() && what.find("; ") == std::string::npos) what += "; " + std::string(remedy);
  return {error.code, std::move(what)};
}

Result<void, Error> probe_database(const config::AuthSettings& settings, const Clock& clock) {
  constexpr std::string_view kUrl = "auth.database_url";
  auto database = store::Database::open(settings.database_url,
                                        {.timeout_ms = settings.directory_timeout_ms}, clock);
  if (!database) return Err(located(kUrl, database.error(), "mend DATABASE_URL"));
  const auto row = (*database)->query_one(settings.database_query, std::string(kNobody));
  if (row) return {};
  if (row.error().code == "database_query") {
    return Err(located("auth.database_query", row.error(),
                       "point DATABASE_URL to the database that has Django's users, or set "
                       "auth.database_query to a query of $1 that it takes"));
  }
  return Err(located(kUrl, row.error(),
                     "start the database, mend DATABASE_URL, or let its user read the table"));
}

Result<fetch::FetchResponse, Error> fetch_and_wait(const config::AuthSettings& settings,
                                                   const Clock& clock,
                                                   const std::string& url) {
  CARILLON_TRY(const auto loop, net::EventLoop::make(clock));
  CARILLON_TRY(const auto fetcher,
               fetch::Fetcher::make(*loop, {.timeout_ms = settings.directory_timeout_ms}));
  std::optional<Result<fetch::FetchResponse, Error>> response;
  fetcher->get({.url = url, .headers = {{"Accept", "application/json"}}}, [&](auto answer) {
    response.emplace(std::move(answer));
    loop->stop();
  });
  loop->run();
  return *std::move(response);
}

Result<void, Error> probe_users_url(const config::AuthSettings& settings, const Clock& clock) {
  constexpr std::string_view kUrl = "auth.directory_url";
  const auto response = fetch_and_wait(settings, clock, user_url(settings.directory_url, kNobody));
  const auto answer = read_user_response(response, kNobody);
  if (answer) return {};
  return Err(located(kUrl, answer.error(),
                     response ? "let it answer 200 with JSON, and 404 for a user that there is not"
                              : "start the backend or mend the URL"));
}

Result<void, Error> probe_sessions_url(const config::AuthSettings& settings, const Clock& clock) {
  constexpr std::string_view kUrl = "auth.http_url";
  const auto response = fetch_and_wait(settings, clock, settings.http_url);
  const auto answer = read_session_response(response, clock.wall_s());
  if (!answer) {
    return Err(located(kUrl, answer.error(),
                       response ? "let the view answer 401 without a session, not with a redirect "
                                  "to a page"
                                : "start the backend or mend the URL"));
  }
  if (!*answer) return {};
  return Err(Error{"session_for_all",
                   "auth.http_url: takes whoever has no session for a user; let the view answer "
                   "401 then"});
}

}  // namespace

std::vector<Probe> probe_directories(const config::AuthSettings& settings, const Clock& clock) {
  std::vector<Probe> probes;
  if (settings.directory == "database") {
    probes.push_back({"auth.database_url", probe_database(settings, clock)});
  }
  if (settings.directory == "http") {
    probes.push_back({"auth.directory_url", probe_users_url(settings, clock)});
  }
  if (!settings.http_url.empty()) {
    probes.push_back({"auth.http_url", probe_sessions_url(settings, clock)});
  }
  return probes;
}

}  // namespace carillon::directory
