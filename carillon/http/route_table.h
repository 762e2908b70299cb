// Which handler answers which method on which path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/http/method.h"
#include "carillon/http/path_pattern.h"

namespace carillon::http {

// What the path gave to the parameters of the pattern that matched. `names` belongs to the table.
struct RouteParams {
  const std::vector<std::string>* names = nullptr;
  std::vector<std::string> values;

  // Decoded; lives in `values`. Empty when the pattern has no such parameter.
  std::optional<std::string_view> get(std::string_view name) const noexcept;
};

// The value of Allow for `methods`, a set of 1 << Method: "GET, HEAD, POST".
std::string allow_header(uint32_t methods);

// Filled once, then matched against, on one thread. Routes are tried in the order they were added,
// so a literal path goes before a pattern that covers it. GET answers HEAD too unless it has its
// own.
template <class Handler>
class RouteTable {
 public:
  struct Route {
    Method method;
    PathPattern pattern;
    Handler handler;
  };
  enum class Outcome : uint8_t { kFound, kNotFound, kMethodNotAllowed };
  struct Match {
    Outcome outcome = Outcome::kNotFound;
    const Handler* handler = nullptr;      // when found; lives in the table
    const PathPattern* pattern = nullptr;  // when found; lives in the table
    RouteParams params;
    std::string allow;  // when the method is not allowed
  };

  // A pattern that does not parse is a programmer's error.
  void add(Method method, std::string_view pattern, Handler handler) {
    auto parsed = PathPattern::parse(pattern);
    CARILLON_ASSERT(parsed.has_value());
    routes_.push_back({method, std::move(*parsed), std::move(handler)});
  }

  // `path` is percent-encoded.
  Match match(Method method, std::string_view path) const {
    Match found;
    uint32_t methods = 0;
    const Route* fallback = nullptr;
    for (const Route& route : routes_) {
      if (!route.pattern.match(path, found.params.values)) continue;
      if (route.method == method) return take(std::move(found), route);
      methods |= 1u << static_cast<uint32_t>(route.method);
      if (method == Method::kHead && route.method == Method::kGet && !fallback) fallback = &route;
    }
    if (fallback != nullptr) {
      fallback->pattern.match(path, found.params.values);
      return take(std::move(found), *fallback);
    }
    if (methods == 0) return found;
    found.outcome = Outcome::kMethodNotAllowed;
    found.allow = allow_header(methods);
    return found;
  }

  // In the order they were added: what the published schema is made from.
  const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  static Match take(Match match, const Route& route) {
    match.outcome = Outcome::kFound;
    match.handler = &route.handler;
    match.pattern = &route.pattern;
    match.params.names = &route.pattern.names();
    return match;
  }

  std::vector<Route> routes_;
};

}  // namespace carillon::http
