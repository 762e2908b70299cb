#include "carillon/consumer/scope.h"

#include "carillon/consumer/endpoint.h"
#include "carillon/http/uri.h"

namespace carillon::consumer {

std::optional<std::string_view> Scope::param(std::string_view name) const {
  const auto& names = peer_.endpoint().pattern().names();
  for (size_t i = 0; i < names.size() && i < peer_.params().size(); ++i) {
    if (names[i] == name) return peer_.params()[i];
  }
  return std::nullopt;
}

std::string_view Scope::path() const {
  return peer_.request() == nullptr ? std::string_view() : peer_.request()->path;
}

std::string_view Scope::header(std::string_view name) const {
  return peer_.request() == nullptr ? std::string_view() : peer_.request()->header(name);
}

std::optional<std::string> Scope::query_param(std::string_view name) const {
  if (peer_.request() == nullptr) return std::nullopt;
  return http::query_param(peer_.request()->query, name);
}

}  // namespace carillon::consumer
