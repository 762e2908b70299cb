#include "carillon/directory/http.h"

#include <utility>

#include "carillon/directory/directory_answer.h"
#include "carillon/directory/user_rights.h"
#include "carillon/http/uri.h"

namespace carillon::directory {
namespace {

constexpr std::string_view kPlaceholder = "{user_id}";

}  // namespace

Result<Answer, Error> read_user_response(const Result<fetch::FetchResponse, Error>& response,
                                         std::string_view user_id) {
  if (!response) return Err(response.error());
  if (response->status == 404) return Answer(Err(auth::AuthError::kUserNotFound));
  if (response->status != 200) {
    return Err(Error{"directory_status", "answered " + std::to_string(response->status)});
  }
  // What ends is a session, and of none is asked here.
  auto answer = parse_answer(response->body, {.user_id = user_id, .now_s = 0});
  if (!answer) return Err(Error{"directory_answer", std::string(explain(answer.error()))});
  return *std::move(answer);
}

std::string user_url(std::string_view pattern, std::string_view user_id) {
  std::string url(pattern);
  const std::string encoded = http::percent_encode(user_id);
  const size_t at = url.find(kPlaceholder);
  if (at != std::string::npos) return url.replace(at, kPlaceholder.size(), encoded);
  return url + (url.find('?') == std::string::npos ? '?' : '&') + "user_id=" + encoded;
}

HttpDirectory::HttpDirectory(fetch::Fetcher& fetcher, std::string url_pattern, Health& health)
    : fetcher_(fetcher), url_pattern_(std::move(url_pattern)), health_(health) {}

bool HttpDirectory::must_look_up(const auth::Identity& identity) const {
  return auth::lacks_role(identity);
}

void HttpDirectory::look_up(std::string_view user_id, Then then) {
  fetcher_.get(
      {.url = user_url(url_pattern_, user_id), .headers = {{"Accept", "application/json"}}},
      [&health = health_, id = std::string(user_id),
       then = std::move(then)](Result<fetch::FetchResponse, Error> response) mutable {
        const auto answer = read_user_response(response, id);
        if (!answer) {
          health.unwell(answer.error());
          return then(Err(auth::AuthError::kDirectoryUnavailable));
        }
        health.well();
        then(rights_of(*answer));
      });
}

}  // namespace carillon::directory
