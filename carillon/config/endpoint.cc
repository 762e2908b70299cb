#include "carillon/config/endpoint.h"

#include <fmt/core.h>

#include <algorithm>

#include "carillon/config/checks.h"
#include "carillon/config/nearest.h"
#include "carillon/config/schema.h"

namespace carillon::config {
namespace {

constexpr size_t kGroupBytesMax = 99;

// "/ws/a/{id}/" -> "/ws/a/{}": what two paths must share to answer the same requests.
std::string shape_of(std::string_view path) {
  std::string shape;
  bool is_in_parameter = false;
  for (const char c : path) {
    if (c == '}') is_in_parameter = false;
    if (!is_in_parameter) shape += c;
    if (c == '{') is_in_parameter = true;
  }
  if (shape.size() > 1 && shape.ends_with('/')) shape.pop_back();
  return shape;
}

bool has_parameter(const EndpointSettings& endpoint, std::string_view name) {
  return endpoint.path.find(fmt::format("{{{}}}", name)) != std::string::npos;
}

std::string rule_problem(const EndpointSettings& endpoint, std::string_view rule) {
  constexpr std::string_view kPlain[] = {"authenticated", "staff", "mentor", "student"};
  constexpr std::string_view kOwning[] = {"mentor", "student", "self"};
  const size_t colon = rule.find(':');
  const std::string_view who = rule.substr(0, colon);
  if (colon == std::string_view::npos) {
    if (std::ranges::find(kPlain, who) != std::end(kPlain)) return {};
  } else if (std::ranges::find(kOwning, who) != std::end(kOwning)) {
    const std::string_view parameter = rule.substr(colon + 1);
    if (has_parameter(endpoint, parameter)) return {};
    return fmt::format("allow: '{}': the path {} has no {{{}}}", rule, endpoint.path, parameter);
  }
  return fmt::format(
      "allow: '{}' is no rule; give authenticated, staff, mentor, student, or with a "
      "parameter of the path mentor:id, student:id, self:id",
      rule);
}

std::string literal_problem(std::string_view group, std::string_view literal) {
  const auto is_legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (std::ranges::all_of(literal, is_legal)) return {};
  return fmt::format("groups: '{}': use letters, digits, -, _, . and {{parameter}}", group);
}

std::string group_problem(const EndpointSettings& endpoint, std::string_view group) {
  if (group.empty() || group.size() > kGroupBytesMax || group.starts_with("carillon.")) {
    return fmt::format("groups: '{}': a name has 1 to {} characters and does not begin carillon.",
                       group, kGroupBytesMax);
  }
  std::string_view rest = group;
  while (!rest.empty()) {
    const size_t open = std::min(rest.find('{'), rest.size());
    std::string problem = literal_problem(group, rest.substr(0, open));
    if (!problem.empty()) return problem;
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const size_t close = rest.find('}');
    const std::string_view name = rest.substr(1, close == rest.npos ? rest.npos : close - 1);
    if (close == rest.npos || (name != "user_id" && !has_parameter(endpoint, name))) {
      return fmt::format("groups: '{}': {{{}}} is neither {{user_id}} nor a parameter of {}", group,
                         name, endpoint.path);
    }
    rest.remove_prefix(close + 1);
  }
  return {};
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string> known;
  for (const EndpointSpec& spec : endpoint_schema()) known.emplace_back(spec.key);
  const std::string guess = nearest(key, known);
  if (guess.empty()) return fmt::format("{}: unknown key; remove it", key);
  return fmt::format("{}: unknown key; did you mean {}?", key, guess);
}

const FileEntry* find_entry(const FileEndpoint& table, std::string_view key) {
  const auto found = std::ranges::find(table.entries, key, &FileEntry::key);
  return found == table.entries.end() ? nullptr : &*found;
}

// The endpoint that the table names, made if it is new.
size_t find_or_add(const FileEndpoint& table, std::vector<EndpointSettings>& endpoints) {
  const FileEntry* name = find_entry(table, "name");
  const std::string text = name == nullptr ? "" : name->value.text;
  const auto found = std::ranges::find(endpoints, text, &EndpointSettings::name);
  if (found != endpoints.end()) return static_cast<size_t>(found - endpoints.begin());
  endpoints.push_back({.name = text, .client_messages = {"ping"}});
  return endpoints.size() - 1;
}

}  // namespace

size_t apply_endpoint(const FileEndpoint& table,
                      std::vector<EndpointSettings>& endpoints,
                      std::vector<EndpointProblem>& problems) {
  const size_t before = problems.size();
  const size_t index = find_or_add(table, endpoints);
  EndpointSettings& endpoint = endpoints[index];
  for (const FileEntry& entry : table.entries) {
    const auto specs = endpoint_schema();
    const auto spec = std::ranges::find(specs, entry.key, &EndpointSpec::key);
    if (spec == specs.end()) {
      problems.push_back({unknown_key(entry.key), entry.line});
    } else if (!entry.problem.empty()) {
      problems.push_back({fmt::format("{}: {}", entry.key, entry.problem), entry.line});
    } else if (auto set = assign(spec->target(endpoint), spec->rules, entry.value); !set) {
      problems.push_back({fmt::format("{}: {}", entry.key, set.error()), entry.line});
    }
  }
  if (problems.size() != before) return index;
  for (std::string& what : endpoint_problems(endpoint)) {
    problems.push_back({std::move(what), table.line});
  }
  return index;
}

std::vector<std::string> endpoint_problems(const EndpointSettings& endpoint) {
  std::vector<std::string> problems;
  const auto add = [&](std::string problem) {
    if (!problem.empty()) problems.push_back(std::move(problem));
  };
  if (endpoint.name.empty()) add("name: is missing; give one such as course");
  if (endpoint.path.empty()) add("path: is missing; give one such as /ws/course/{id}/");
  if (!problems.empty()) return problems;
  if (endpoint.allow.empty()) add("allow: is empty, so nobody could connect; give a rule");
  for (const std::string& rule : endpoint.allow) add(rule_problem(endpoint, rule));
  for (const std::string& group : endpoint.groups) add(group_problem(endpoint, group));
  if (endpoint.relay == "listed" && endpoint.event_types.empty()) {
    add("relay: listed delivers nothing without event_types; list them");
  }
  return problems;
}

std::vector<std::string> path_conflicts(const std::vector<EndpointSettings>& endpoints) {
  std::vector<std::string> conflicts;
  for (size_t i = 0; i < endpoints.size(); ++i) {
    for (size_t j = i + 1; j < endpoints.size(); ++j) {
      if (shape_of(endpoints[i].path) != shape_of(endpoints[j].path)) continue;
      conflicts.push_back(fmt::format("{} and {} both answer {}; give one of them another path",
                                      endpoints[i].name, endpoints[j].name, endpoints[j].path));
    }
  }
  return conflicts;
}

}  // namespace carillon::config
