// The user directory `http`: a URL of the backend.
#pragma once

#include <string>
#include <string_view>

#include "carillon/auth/user_directory.h"
#include "carillon/directory/directory_answer.h"
#include "carillon/directory/health.h"
#include "carillon/fetch/fetcher.h"

namespace carillon::directory {

// The URL at which the backend is asked about a user: `{user_id}` is replaced by his id, percent-
// encoded; where there is none, ?user_id= is added.
std::string user_url(std::string_view pattern, std::string_view user_id);

// What the answer to user_url() says; the error is of a backend that cannot be understood or
// reached.
Result<Answer, Error> read_user_response(const Result<fetch::FetchResponse, Error>& response,
                                         std::string_view user_id);

// One per worker, on its loop. GET of user_url(): 200 with parse_answer()'s JSON, 404 for a user
// that there is not; anything else is kDirectoryUnavailable.
class HttpDirectory final : public auth::UserDirectory {
 public:
  // All are borrowed for life.
  HttpDirectory(fetch::Fetcher& fetcher, std::string url_pattern, Health& health);

  bool must_look_up(const auth::Identity& identity) const override;
  void look_up(std::string_view user_id, Then then) override;

 private:
  fetch::Fetcher& fetcher_;
  const std::string url_pattern_;
  Health& health_;
};

}  // namespace carillon::directory
