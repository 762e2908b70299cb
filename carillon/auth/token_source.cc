#include "carillon/auth/token_source.h"

#include <algorithm>
#include <utility>

#include "carillon/http/uri.h"

namespace carillon::auth {
namespace {

constexpr std::string_view kSpaces = " \t";

// Takes the next word off the front of `text`; empty when there is none.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kSpaces));
  text.remove_prefix(word.size());
  return word;
}

// "Scheme value" and nothing else; empty when the scheme is another or the form is not this one.
struct Credentials {
  bool is_scheme = false;
  std::string_view value;
};

Credentials read_credentials(std::string_view header, std::string_view scheme) {
  if (next_word(header) != scheme) return {};
  const std::string_view value = next_word(header);
  const bool is_alone = next_word(header).empty();
  return {.is_scheme = true, .value = is_alone ? value : std::string_view()};
}

}  // namespace

Result<std::string, AuthError> find_token(const http::Request& request) {
  if (!request.query.empty()) {
    std::optional<std::string> token = http::query_param(request.query, "token");
    if (token && !token->empty()) return *std::move(token);
  }
  const Credentials bearer = read_credentials(request.header("Authorization"), "Bearer");
  if (!bearer.is_scheme) return Err(AuthError::kMissing);
  if (bearer.value.empty()) return Err(AuthError::kBadHeader);
  return std::string(bearer.value);
}

std::optional<std::string> token_of(const http::Request& request) {
  auto token = find_token(request);
  if (!token) return std::nullopt;
  return *std::move(token);
}

std::optional<std::string_view> api_key_of(const http::Request& request) {
  const Credentials key = read_credentials(request.header("Authorization"), "Api-Key");
  if (key.value.empty()) return std::nullopt;
  return key.value;
}

}  // namespace carillon::auth
