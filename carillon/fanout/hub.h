// The members that this worker holds, by group, and the newest state events that it knows.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "carillon/fanout/member.h"
#include "carillon/ws/deflate.h"

namespace carillon::fanout {

// One per worker and touched only on its loop, so it has no lock. Members are borrowed: a member
// leaves every group before it dies.
class Hub {
 public:
  static constexpr size_t kGroupsPerMemberMax = 100;
  static constexpr size_t kStateEventsMax = 10'000;
  static constexpr size_t kStateBytesMax = 64u << 20;

  enum class Joined { kAlready, kYes, kFirstOfGroup, kTooMany };

  // Idempotent, as group_add is in Channels. After kFirstOfGroup the caller must tell the node that
  // this worker wants the group.
  [[nodiscard]] Joined join(std::string_view group, Member& member);
  // True when `member` was the last of its group here: the caller tells the node.
  [[nodiscard]] bool leave(std::string_view group, Member& member);
  // Leaves every group; calls `on_last` for each that has no member left here.
  void leave_all(Member& member, const std::function<void(std::string_view group)>& on_last);

  // Hands `event` to every member of its group; returns to how many. A state event is remembered
  // for those who join later.
  size_t fan_out(const PreparedEventPtr& event);
  // Events of `group` were lost: its members are told, and its states forgotten, since nobody knows
  // whether they are the newest.
  void report_gap(std::string_view group);
  // The newest state event of each type for `group`, oldest first.
  std::vector<PreparedEventPtr> state_of(std::string_view group) const;

  size_t group_count() const noexcept { return index_of_.size(); }
  size_t member_count(std::string_view group) const;
  ws::Deflater& deflater() noexcept { return deflater_; }

 private:
  struct Group {
    std::string name;
    std::vector<Member*> members;
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };
  uint32_t intern(std::string_view group);
  static Membership* find_membership(Member& member, uint32_t group_index);
  static void forget_membership(Member& member, uint32_t group_index);
  // Takes the member at `position` out; true when the group is empty now and was released.
  bool take_out(uint32_t group_index, uint32_t position);
  void remember_state(const PreparedEventPtr& event);

  std::vector<Group> groups_;
  std::vector<uint32_t> free_groups_;
  std::unordered_map<std::string, uint32_t, NameHash, std::equal_to<>> index_of_;
  std::map<std::string, std::vector<PreparedEventPtr>, std::less<>> states_;
  size_t state_count_ = 0;
  size_t state_bytes_ = 0;
  ws::Deflater deflater_;
};

}  // namespace carillon::fanout
