// Sessions of the backend, such as Django's: a URL says to whom a cookie or an Authorization
// belongs.
#pragma once

#include <string>

#include "carillon/auth/user_directory.h"
#include "carillon/directory/health.h"
#include "carillon/directory/lookups.h"
#include "carillon/fetch/fetcher.h"

namespace carillon::directory {

// What the answer of auth.http_url says; the error is of a backend that cannot be understood or
// reached.
Result<Answer, Error> read_session_response(const Result<fetch::FetchResponse, Error>& response,
                                            int64_t now_s);

// One per worker, on its loop. GET of the URL with the one credential and nothing else of the
// request: 200 with parse_answer()'s JSON, 401 or 403 for nobody's; anything else is
// kDirectoryUnavailable. Answers are kept under the credential's SHA-256, never under itself, and
// no longer than the session lasts.
class SessionDirectory final : public auth::SessionDirectory {
 public:
  // All but `options` and `url` are borrowed for life.
  SessionDirectory(net::EventLoop& loop,
                   metrics::Registry& registry,
                   const LookupOptions& options,
                   fetch::Fetcher& fetcher,
                   std::string url,
                   Health& health);

  void look_up(const auth::SessionCredentials& credentials, Then then) override;

 private:
  void ask(const std::string& question, UniqueFunction<void(Answer)> then);

  net::EventLoop& loop_;
  fetch::Fetcher& fetcher_;
  const std::string url_;
  Health& health_;
  Lookups lookups_;
};

}  // namespace carillon::directory
