// Input: a pattern, a line feed, a path. What matches can be built again from its parameters, and
// no parameter smuggles a separator in.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/http/path_pattern.h"
#include "carillon/http/route_table.h"
#include "carillon/http/uri.h"

namespace {

// The path that `pattern` stands for with these parameters.
std::string fill_in(std::string_view pattern, const std::vector<std::string>& params) {
  std::string path;
  size_t next = 0;
  while (!pattern.empty()) {
    if (pattern[0] != '{') {
      path += pattern[0];
      pattern.remove_prefix(1);
      continue;
    }
    path += carillon::http::percent_encode(params[next++]);
    pattern.remove_prefix(pattern.find('}') + 1);
  }
  CARILLON_ASSERT(next == params.size());
  return path;
}

// The table finds the route by every path that the pattern matches, and no other way.
void check_route(const std::string& pattern, std::string_view path, bool is_match) {
  using carillon::http::Method;
  carillon::http::RouteTable<int> routes;
  routes.add(Method::kGet, pattern, 1);
  routes.add(Method::kPost, pattern, 2);
  using Outcome = decltype(routes)::Outcome;
  const auto found = routes.match(Method::kHead, path);
  CARILLON_ASSERT(found.outcome == (is_match ? Outcome::kFound : Outcome::kNotFound));
  if (!is_match) return;
  CARILLON_ASSERT(*found.handler == 1 && found.pattern->text() == pattern);
  for (size_t i = 0; i < found.params.values.size(); ++i) {
    CARILLON_ASSERT(found.params.get((*found.params.names)[i]) == found.params.values[i]);
  }
  CARILLON_ASSERT(!found.params.get("no parameter"));
  CARILLON_ASSERT(routes.match(Method::kPut, path).allow == "GET, HEAD, POST");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t split = text.find('\n');
  if (split == std::string_view::npos) return 0;
  const auto pattern = carillon::http::PathPattern::parse(text.substr(0, split));
  if (!pattern) {
    CARILLON_ASSERT(!pattern.error().what.empty());
    return 0;
  }
  CARILLON_ASSERT(pattern->text() == text.substr(0, split));

  std::vector<std::string> params;
  const std::string_view path = text.substr(split + 1);
  const bool is_match = pattern->match(path, params);
  check_route(pattern->text(), path, is_match);
  if (!is_match) {
    // Any parameters make a path that matches, if these do not.
    params.assign(pattern->names().size(), std::string("a%+\x80 b"));
  }
  CARILLON_ASSERT(params.size() == pattern->names().size());
  for (const std::string& param : params) {
    CARILLON_ASSERT(!param.empty() && param.find('/') == std::string::npos);
    CARILLON_ASSERT(param.find('\0') == std::string::npos);
  }
  std::vector<std::string> again;
  CARILLON_ASSERT(pattern->match(fill_in(pattern->text(), params), again) && again == params);
  return 0;
}
