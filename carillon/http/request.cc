#include "carillon/http/request.h"

#include <utility>

namespace carillon::http {

void Request::clear() noexcept {
  std::vector<Header> kept = std::move(headers);
  kept.clear();
  *this = Request();
  headers = std::move(kept);
}

std::string_view Request::header(std::string_view name) const noexcept {
  return find_header(headers, name);
}

size_t Request::header_count(std::string_view name) const noexcept {
  return count_headers(headers, name);
}

bool Request::header_has_token(std::string_view name, std::string_view token) const noexcept {
  return headers_have_token(headers, name, token);
}

}  // namespace carillon::http
