#include "carillon/directory/session.h"

#include <utility>

#include "carillon/crypto/hash.h"

namespace carillon::directory {
namespace {

// A question is the header that it is asked with: its name, a colon, its value.
std::string question_of(const auth::SessionCredentials& credentials) {
  if (!credentials.authorization.empty()) return "Authorization:" + credentials.authorization;
  return "Cookie:" + credentials.cookies;
}

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += kDigits[std::to_integer<size_t>(byte) >> 4];
    hex += kDigits[std::to_integer<size_t>(byte) & 15];
  }
  return hex;
}

LookupMetrics metrics_of(metrics::Registry& registry) {
  return LookupMetrics([&registry](const char* outcome) -> metrics::Counter& {
    return registry.counter("carillon_session_lookups_total",
                            "Questions to auth.http_url, by how they were answered",
                            {{"outcome", outcome}});
  });
}

}  // namespace

Result<Answer, Error> read_session_response(const Result<fetch::FetchResponse, Error>& response,
                                            int64_t now_s) {
  if (!response) return Err(response.error());
  if (response->status == 401 || response->status == 403) {
    return Answer(Err(auth::AuthError::kSession));
  }
  if (response->status != 200) {
    return Err(Error{"session_status", "answered " + std::to_string(response->status)});
  }
  auto answer = parse_answer(response->body, {.user_id = {}, .now_s = now_s});
  if (!answer) return Err(Error{"session_answer", std::string(explain(answer.error()))});
  return *std::move(answer);
}

SessionDirectory::SessionDirectory(net::EventLoop& loop,
                                   metrics::Registry& registry,
                                   const LookupOptions& options,
                                   fetch::Fetcher& fetcher,
                                   std::string url,
                                   Health& health)
    : loop_(loop),
      fetcher_(fetcher),
      url_(std::move(url)),
      health_(health),
      lookups_(loop,
               options,
               metrics_of(registry),
               [this](const std::string& question, UniqueFunction<void(Answer)> then) {
                 ask(question, std::move(then));
               }) {}

void SessionDirectory::look_up(const auth::SessionCredentials& credentials, Then then) {
  const std::string question = question_of(credentials);
  const auto digest = crypto::sha256(as_bytes(question));
  lookups_.look_up(to_hex(digest), question,
                   [then = std::move(then)](const Answer& answer) mutable { then(answer); });
}

void SessionDirectory::ask(const std::string& question, UniqueFunction<void(Answer)> then) {
  const size_t colon = question.find(':');
  fetcher_.get({.url = url_,
                .headers = {{"Accept", "application/json"},
                            {question.substr(0, colon), question.substr(colon + 1)}}},
               [&health = health_, &clock = loop_.clock(),
                then = std::move(then)](Result<fetch::FetchResponse, Error> response) mutable {
                 const auto answer = read_session_response(response, clock.wall_s());
                 if (!answer) {
                   health.unwell(answer.error());
                   return then(Err(auth::AuthError::kDirectoryUnavailable));
                 }
                 health.well();
                 then(*answer);
               });
}

}  // namespace carillon::directory
