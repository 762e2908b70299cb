#include "carillon/layer/gateway_groups.h"

#include <algorithm>
#include <utility>

namespace carillon::layer {
namespace {

std::string local_name_of(uint64_t id) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string digits;
  for (; id != 0; id /= kDigits.size()) digits += kDigits[id % kDigits.size()];
  std::ranges::reverse(digits);
  return "g" + digits;
}

void call_all(std::vector<UniqueFunction<void()>> waiting) {
  for (auto& then : waiting) then();
}

}  // namespace

GatewayGroup* GatewayGroups::add(std::string_view name, size_t host) {
  auto [found, is_new] = by_name_.try_emplace(std::string(name));
  if (!is_new) return nullptr;
  found->second = std::make_unique<Entry>(Entry{
      .group = {.name = std::string(name), .local_name = local_name_of(next_id_++), .host = host},
      .position = order_.size()});
  Entry& entry = *found->second;
  by_local_name_.emplace(entry.group.local_name, &entry);
  order_.push_back(&entry.group);
  return &entry.group;
}

void GatewayGroups::remove(GatewayGroup& group) {
  const auto found = by_name_.find(group.name);
  const std::unique_ptr<Entry> entry = std::move(found->second);
  by_name_.erase(found);
  by_local_name_.erase(entry->group.local_name);
  GatewayGroup* last = order_.back();
  order_[entry->position] = last;
  order_.pop_back();
  if (last != &entry->group) by_name_.find(last->name)->second->position = entry->position;
  call_all(std::move(entry->group.waiting));
}

GatewayGroup* GatewayGroups::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second->group;
}

GatewayGroup* GatewayGroups::find_local(std::string_view local_name) const {
  const auto found = by_local_name_.find(local_name);
  return found == by_local_name_.end() ? nullptr : &found->second->group;
}

std::vector<std::string> GatewayGroups::names_of(size_t host) const {
  std::vector<std::string> names;
  for (const GatewayGroup* group : order_) {
    if (group->host == host) names.push_back(group->name);
  }
  return names;
}

void GatewayGroups::when_joined(std::string_view name,
                                bool is_host_away,
                                UniqueFunction<void()> then) {
  GatewayGroup* group = find(name);
  if (group == nullptr || group->is_joined || is_host_away) return then();
  group->waiting.push_back(std::move(then));
}

void GatewayGroups::set_joined(GatewayGroup& group) {
  group.is_joined = true;
  call_all(std::exchange(group.waiting, {}));
}

void GatewayGroups::set_refused(GatewayGroup& group) {
  group.is_joined = false;
  call_all(std::exchange(group.waiting, {}));
}

void GatewayGroups::set_away(size_t host) {
  std::vector<UniqueFunction<void()>> waiting;
  for (GatewayGroup* group : order_) {
    if (group->host != host) continue;
    group->is_joined = false;
    for (auto& then : std::exchange(group->waiting, {})) waiting.push_back(std::move(then));
  }
  call_all(std::move(waiting));
}

}  // namespace carillon::layer
