#include "carillon/fanout/hub.h"

#include <algorithm>

#include "carillon/base/assert.h"

namespace carillon::fanout {

uint32_t Hub::intern(std::string_view name) {
  const auto found = index_of_.find(name);
  if (found != index_of_.end()) return found->second;
  uint32_t index;
  if (free_groups_.empty()) {
    index = static_cast<uint32_t>(groups_.size());
    groups_.emplace_back();
  } else {
    index = free_groups_.back();
    free_groups_.pop_back();
  }
  groups_[index].name = name;
  index_of_.emplace(name, index);
  return index;
}

Membership* Hub::find_membership(Member& member, uint32_t group_index) {
  if (member.first_.group_index == group_index) return &member.first_;
  if (member.rest_ == nullptr) return nullptr;
  const auto found = std::ranges::find(*member.rest_, group_index, &Membership::group_index);
  return found == member.rest_->end() ? nullptr : &*found;
}

void Hub::forget_membership(Member& member, uint32_t group_index) {
  if (member.first_.group_index == group_index) {
    member.first_ = {};
    return;
  }
  std::erase_if(*member.rest_, [&](const Membership& m) { return m.group_index == group_index; });
  if (member.rest_->empty()) member.rest_.reset();
}

Hub::Joined Hub::join(std::string_view name, Member& member) {
  const auto found = index_of_.find(name);
  if (found != index_of_.end() && find_membership(member, found->second) != nullptr) {
    return Joined::kAlready;
  }
  const bool has_first = member.first_.group_index != UINT32_MAX;
  if (has_first && member.rest_ != nullptr && member.rest_->size() + 1 >= kGroupsPerMemberMax) {
    return Joined::kTooMany;
  }
  const uint32_t index = intern(name);
  Group& group = groups_[index];
  const Membership membership{index, static_cast<uint32_t>(group.members.size())};
  group.members.push_back(&member);
  if (!has_first) {
    member.first_ = membership;
  } else {
    if (member.rest_ == nullptr) member.rest_ = std::make_unique<std::vector<Membership>>();
    member.rest_->push_back(membership);
  }
  return group.members.size() == 1 ? Joined::kFirstOfGroup : Joined::kYes;
}

bool Hub::take_out(uint32_t group_index, uint32_t position) {
  Group& group = groups_[group_index];
  Member* last = group.members.back();
  group.members[position] = last;
  group.members.pop_back();
  if (position < group.members.size()) {
    Membership* moved = find_membership(*last, group_index);
    CARILLON_ASSERT(moved != nullptr);
    moved->position = position;
  }
  if (!group.members.empty()) return false;
  index_of_.erase(index_of_.find(group.name));
  group.name.clear();
  group.members.shrink_to_fit();
  free_groups_.push_back(group_index);
  return true;
}

bool Hub::leave(std::string_view name, Member& member) {
  const auto found = index_of_.find(name);
  if (found == index_of_.end()) return false;
  const uint32_t index = found->second;
  const Membership* membership = find_membership(member, index);
  if (membership == nullptr) return false;
  const uint32_t position = membership->position;
  forget_membership(member, index);
  return take_out(index, position);
}

void Hub::leave_all(Member& member, const std::function<void(std::string_view)>& on_last) {
  std::vector<Membership> memberships;
  if (member.rest_ != nullptr) memberships = std::move(*member.rest_);
  if (member.first_.group_index != UINT32_MAX) memberships.push_back(member.first_);
  member.first_ = {};
  member.rest_.reset();
  for (const Membership& membership : memberships) {
    const std::string name = groups_[membership.group_index].name;
    if (take_out(membership.group_index, membership.position)) on_last(name);
  }
}

size_t Hub::member_count(std::string_view name) const {
  const auto found = index_of_.find(name);
  return found == index_of_.end() ? 0 : groups_[found->second].members.size();
}

size_t Hub::fan_out(const PreparedEventPtr& event) {
  if (event->state_key != 0) remember_state(event);
  const auto found = index_of_.find(std::string_view(event->group));
  if (found == index_of_.end()) return 0;
  Delivery delivery(event, deflater_);
  // From the back, by position: a member that leaves in deliver() is replaced by one already
  // served, and the group's vector may shrink but not grow.
  const uint32_t index = found->second;
  const size_t count = groups_[index].members.size();
  for (size_t i = count; i-- > 0;) groups_[index].members[i]->deliver(delivery);
  return count;
}

void Hub::report_gap(std::string_view name) {
  if (const auto states = states_.find(name); states != states_.end()) {
    state_count_ -= states->second.size();
    for (const PreparedEventPtr& state : states->second) state_bytes_ -= state->frame->size();
    states_.erase(states);
  }
  const auto found = index_of_.find(name);
  if (found == index_of_.end()) return;
  // From the back, as in fan_out(): each leaves.
  const uint32_t index = found->second;
  for (size_t i = groups_[index].members.size(); i-- > 0;) groups_[index].members[i]->on_gap();
}

void Hub::remember_state(const PreparedEventPtr& event) {
  auto& states = states_[event->group];
  const auto older = std::ranges::find_if(
      states, [&](const PreparedEventPtr& state) { return state->type == event->type; });
  if (older != states.end()) {
    state_bytes_ -= (*older)->frame->size();
    --state_count_;
    states.erase(older);
  }
  const bool has_room =
      state_count_ < kStateEventsMax && state_bytes_ + event->frame->size() <= kStateBytesMax;
  if (has_room) {
    state_bytes_ += event->frame->size();
    ++state_count_;
    states.push_back(event);
  }
  if (states.empty()) states_.erase(event->group);
}

std::vector<PreparedEventPtr> Hub::state_of(std::string_view group) const {
  const auto found = states_.find(group);
  return found == states_.end() ? std::vector<PreparedEventPtr>{} : found->second;
}

}  // namespace carillon::fanout
