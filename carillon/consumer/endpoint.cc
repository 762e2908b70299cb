#include "carillon/consumer/endpoint.h"

#include <algorithm>

#include "carillon/layer/name.h"

namespace carillon::consumer {
namespace {

constexpr std::string_view kUserId = "user_id";

// The text between the first `{` and `}` of a group's template; nothing when it has none.
std::optional<std::string_view> placeholder_of(std::string_view group) {
  const size_t open = group.find('{');
  const size_t close = group.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  return group.substr(open + 1, close - open - 1);
}

Result<void, Error> check_group(const std::string& group, const http::PathPattern& pattern) {
  std::string sample = group;
  while (const auto name = placeholder_of(sample)) {
    const auto& names = pattern.names();
    const bool is_known = *name == kUserId || std::ranges::find(names, *name) != names.end();
    if (!is_known) {
      return Err(Error{"bad_endpoint", "group '" + group + "' names {" + std::string(*name) +
                                           "}, which is not in the path " + pattern.text()});
    }
    sample.replace(sample.find('{'), name->size() + 2, "0");
  }
  if (!layer::is_valid_group_name(sample)) {
    return Err(Error{"bad_endpoint", "'" + group +
                                         "' is not a group name: letters, digits, "
                                         "'-', '_' and '.', at most 99"});
  }
  return {};
}

}  // namespace

Endpoint::Endpoint(EndpointOptions options, http::PathPattern pattern, ConsumerFactory factory)
    : options_(std::move(options)), pattern_(std::move(pattern)), factory_(std::move(factory)) {}

Result<Endpoint, Error> Endpoint::make(EndpointOptions options, ConsumerFactory factory) {
  CARILLON_TRY(auto pattern, http::PathPattern::parse(options.path));
  for (const std::string& group : options.groups) {
    if (auto checked = check_group(group, pattern); !checked) return Err(checked.error());
  }
  if (options.name.empty()) options.name = options.path;
  Endpoint endpoint(std::move(options), std::move(pattern), std::move(factory));
  if (!endpoint.options_.allow.empty()) {
    CARILLON_TRY(auto permission, auth::Permission::parse(endpoint.options_.allow));
    endpoint.permission_ = std::move(permission);
  }
  return endpoint;
}

bool Endpoint::lists(std::string_view type) const {
  return std::ranges::find(options_.listed_types, type) != options_.listed_types.end();
}

std::optional<std::vector<std::string>> Endpoint::groups_for(const std::vector<std::string>& params,
                                                             std::string_view user_id) const {
  std::vector<std::string> groups;
  for (const std::string& group_template : options_.groups) {
    std::string group = group_template;
    while (const auto name = placeholder_of(group)) {
      const auto& names = pattern_.names();
      const auto found = std::ranges::find(names, *name);
      const std::string_view value =
          found == names.end()
              ? user_id
              : std::string_view(params[static_cast<size_t>(found - names.begin())]);
      // A value with a brace of its own would be expanded again, and is no valid name anyway.
      if (value.find_first_of("{}") != std::string_view::npos) return std::nullopt;
      group.replace(group.find('{'), name->size() + 2, value);
    }
    if (!layer::is_valid_group_name(group)) return std::nullopt;
    groups.push_back(std::move(group));
  }
  return groups;
}

Result<void, Error> EndpointTable::add(EndpointOptions options, ConsumerFactory factory) {
  CARILLON_TRY(auto endpoint, Endpoint::make(std::move(options), std::move(factory)));
  endpoints_.push_back(std::make_unique<Endpoint>(std::move(endpoint)));
  return {};
}

const Endpoint* EndpointTable::match(std::string_view path,
                                     std::vector<std::string>& params) const {
  for (const auto& endpoint : endpoints_) {
    if (endpoint->pattern().match(path, params)) return endpoint.get();
  }
  return nullptr;
}

}  // namespace carillon::consumer
