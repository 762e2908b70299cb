#include "carillon/fanout/hub.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "carillon/base/random.h"
#include "carillon/json/value.h"

namespace carillon::fanout {
namespace {

using Joined = Hub::Joined;

PreparedEventPtr event_for(std::string group,
                           std::string_view type = "news",
                           uint32_t state_key = 0,
                           std::string text = "x") {
  json::Value fields = json::Value::object();
  fields.set("text", json::Value(std::move(text)));
  auto event = layer::Event::make(type, std::move(fields));
  EXPECT_TRUE(event);
  return prepare({std::move(group), std::make_shared<const layer::Event>(std::move(*event))},
                 state_key);
}

// Remembers what it was given, and does as it is told while it is given something.
class Listener final : public Member {
 public:
  explicit Listener(Hub& hub) : hub_(hub) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    hub_.leave_all(*this, [](std::string_view) {});
  }

  void deliver(Delivery& delivery) override {
    events.push_back(delivery.shared_event());
    if (on_deliver) on_deliver();
  }

  void on_gap() override {
    ++gap_count;
    if (on_deliver) on_deliver();
  }

  std::vector<PreparedEventPtr> events;
  int gap_count = 0;
  std::function<void()> on_deliver;

 private:
  Hub& hub_;
};

TEST(Hub, TellsTheFirstMemberOfAGroupFromTheRest) {
  Hub hub;
  Listener alice(hub);
  Listener bob(hub);
  EXPECT_EQ(hub.join("room", alice), Joined::kFirstOfGroup);
  EXPECT_EQ(hub.join("room", bob), Joined::kYes);
  EXPECT_EQ(hub.join("room", bob), Joined::kAlready);
  EXPECT_EQ(hub.member_count("room"), 2u);
  EXPECT_EQ(hub.group_count(), 1u);
}

TEST(Hub, TellsTheLastMemberOfAGroupFromTheRest) {
  Hub hub;
  Listener alice(hub);
  Listener bob(hub);
  (void)hub.join("room", alice);
  (void)hub.join("room", bob);
  EXPECT_FALSE(hub.leave("room", alice));
  EXPECT_FALSE(hub.leave("room", alice)) << "leaving is idempotent";
  EXPECT_TRUE(hub.leave("room", bob));
  EXPECT_FALSE(hub.leave("room", bob));
  EXPECT_FALSE(hub.leave("nowhere", bob));
  EXPECT_EQ(hub.group_count(), 0u);
  EXPECT_EQ(hub.join("room", alice), Joined::kFirstOfGroup);
}

TEST(Hub, LetsAMemberIntoJustAHundredGroups) {
  Hub hub;
  Listener alice(hub);
  for (size_t i = 0; i < Hub::kGroupsPerMemberMax; ++i) {
    EXPECT_EQ(hub.join("g" + std::to_string(i), alice), Joined::kFirstOfGroup);
  }
  EXPECT_EQ(hub.join("more", alice), Joined::kTooMany);
  EXPECT_EQ(hub.member_count("more"), 0u);
  EXPECT_EQ(hub.group_count(), 100u) << "a group that was refused leaves nothing behind";
  EXPECT_EQ(hub.join("g0", alice), Joined::kAlready);
  for (const char* left : {"g0", "g50"}) {
    EXPECT_TRUE(hub.leave(left, alice));
    EXPECT_EQ(hub.join(std::string("after ") + left, alice), Joined::kFirstOfGroup);
    EXPECT_EQ(hub.join("more", alice), Joined::kTooMany);
  }
}

TEST(Hub, ReportsTheGroupsThatAMemberWasTheLastOf) {
  Hub hub;
  Listener alice(hub);
  Listener bob(hub);
  for (const char* group : {"a", "b", "c"}) (void)hub.join(group, alice);
  (void)hub.join("b", bob);
  std::set<std::string> last_of;
  hub.leave_all(alice, [&](std::string_view group) { last_of.emplace(group); });
  EXPECT_EQ(last_of, (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(hub.group_count(), 1u);
  hub.leave_all(alice, [](std::string_view group) { ADD_FAILURE() << group; });
}

TEST(Hub, HandsAnEventToTheMembersOfItsGroupOnly) {
  Hub hub;
  Listener alice(hub);
  Listener bob(hub);
  (void)hub.join("room", alice);
  (void)hub.join("hall", bob);
  const auto event = event_for("room");
  EXPECT_EQ(hub.fan_out(event), 1u);
  EXPECT_EQ(hub.fan_out(event_for("nowhere")), 0u);
  EXPECT_EQ(alice.events, std::vector{event});
  EXPECT_TRUE(bob.events.empty());
}

TEST(Hub, TellsTheMembersOfAGroupOfItsGapThoughEachLeaves) {
  Hub hub;
  std::vector<std::unique_ptr<Listener>> members;
  for (int i = 0; i < 4; ++i) {
    members.push_back(std::make_unique<Listener>(hub));
    Listener& member = *members.back();
    (void)hub.join("room", member);
    member.on_deliver = [&hub, &member] { hub.leave_all(member, [](std::string_view) {}); };
  }
  Listener elsewhere(hub);
  (void)hub.join("hall", elsewhere);
  hub.report_gap("room");
  for (const auto& member : members) EXPECT_EQ(member->gap_count, 1);
  EXPECT_EQ(elsewhere.gap_count, 0);
  EXPECT_EQ(hub.member_count("room"), 0u);
  hub.report_gap("room");
  hub.report_gap("nowhere");
  for (const auto& member : members) EXPECT_EQ(member->gap_count, 1);
}

TEST(Hub, ForgetsStatesThatMayBeOldAfterAGap) {
  Hub hub;
  (void)hub.fan_out(event_for("room", "board", 1));
  (void)hub.fan_out(event_for("room", "chart", 2));
  (void)hub.fan_out(event_for("hall", "board", 3));
  hub.report_gap("room");
  EXPECT_TRUE(hub.state_of("room").empty());
  EXPECT_EQ(hub.state_of("hall").size(), 1u);
  const auto newer = event_for("room", "board", 1);
  (void)hub.fan_out(newer);
  EXPECT_EQ(hub.state_of("room"), std::vector{newer});
}

TEST(Hub, ReachesEveryMemberOnceWhileEachLeavesInsideDeliver) {
  for (int leaving = 0; leaving < 16; ++leaving) {  // each subset of four
    Hub hub;
    std::vector<std::unique_ptr<Listener>> members;
    for (int i = 0; i < 4; ++i) {
      members.push_back(std::make_unique<Listener>(hub));
      (void)hub.join("room", *members.back());
      if ((leaving >> i & 1) == 0) continue;
      members.back()->on_deliver = [&hub, member = members.back().get()] {
        (void)hub.leave("room", *member);
      };
    }
    EXPECT_EQ(hub.fan_out(event_for("room")), 4u);
    for (const auto& member : members) EXPECT_EQ(member->events.size(), 1u);
    hub.fan_out(event_for("room"));
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(members[static_cast<size_t>(i)]->events.size(), (leaving >> i & 1) ? 1u : 2u);
    }
  }
}

TEST(Hub, RemembersTheNewestStateOfEachType) {
  Hub hub;
  EXPECT_TRUE(hub.state_of("room").empty());
  const auto old_board = event_for("room", "board", 1, "old");
  const auto weather = event_for("room", "weather", 2);
  const auto new_board = event_for("room", "board", 1, "new");
  for (const auto& event : {old_board, weather, new_board}) hub.fan_out(event);
  hub.fan_out(event_for("room", "news"));
  hub.fan_out(event_for("hall", "board", 3));
  EXPECT_EQ(hub.state_of("room"), (std::vector{weather, new_board})) << "oldest first";
}

TEST(Hub, RemembersOneStateOfATypeWhateverItsKey) {
  Hub hub;
  hub.fan_out(event_for("room", "board", 1));
  const auto weather = event_for("room", "weather", 2);
  hub.fan_out(weather);
  const auto newest = event_for("room", "board", 2);  // the node gave its keys out anew
  hub.fan_out(newest);
  EXPECT_EQ(hub.state_of("room"), (std::vector{weather, newest}));
}

TEST(Hub, BoundsTheNumberOfStatesAndDropsWhatItCannotRenew) {
  Hub hub;
  const auto state_in = [](size_t i) {
    return event_for("g" + std::to_string(i), "board", static_cast<uint32_t>(i + 1));
  };
  for (size_t i = 0; i <= Hub::kStateEventsMax; ++i) hub.fan_out(state_in(i));
  EXPECT_EQ(hub.state_of("g" + std::to_string(Hub::kStateEventsMax - 1)).size(), 1u);
  EXPECT_TRUE(hub.state_of("g" + std::to_string(Hub::kStateEventsMax)).empty());
  const auto newer = state_in(0);
  hub.fan_out(newer);
  EXPECT_EQ(hub.state_of("g0"), std::vector{newer}) << "a known state is renewed when full";
}

TEST(Hub, BoundsTheBytesOfStates) {
  Hub hub;
  const std::string text(Hub::kStateBytesMax / 4, 'x');  // four and their wrapping are too many
  for (uint32_t i = 1; i <= 3; ++i)
    hub.fan_out(event_for("room", "t" + std::to_string(i), i, text));
  hub.fan_out(event_for("room", "t4", 4, text));
  EXPECT_EQ(hub.state_of("room").size(), 3u);
  hub.fan_out(event_for("room", "t1", 1, "small"));
  hub.fan_out(event_for("room", "t4", 4, text));
  EXPECT_EQ(hub.state_of("room").size(), 4u) << "the bytes of replaced states are free again";
}

// Groups as sets, by name.
class NaiveHub {
 public:
  Joined join(const std::string& group, size_t member) {
    auto& members = groups_[group];
    if (!members.insert(member).second) return Joined::kAlready;
    return members.size() == 1 ? Joined::kFirstOfGroup : Joined::kYes;
  }
  bool leave(const std::string& group, size_t member) {
    const bool was_in = groups_[group].erase(member) == 1;
    return was_in && groups_[group].empty();
  }
  std::set<std::string> leave_all(size_t member) {
    std::set<std::string> last_of;
    for (auto& [group, members] : groups_) {
      if (leave(group, member)) last_of.insert(group);
    }
    return last_of;
  }
  const std::set<size_t>& members(const std::string& group) { return groups_[group]; }

 private:
  std::map<std::string, std::set<size_t>> groups_;
};

// Hub and twin side by side, with random operations.
class TwinTest {
 public:
  explicit TwinTest(uint64_t seed) : random_(seed) {
    for (size_t i = 0; i < 12; ++i) members_.push_back(std::make_unique<Listener>(hub_));
  }

  void step() {
    const size_t i = random_.below(members_.size());
    Listener& member = *members_[i];
    const std::string group = "g" + std::to_string(random_.below(6));
    switch (random_.below(8)) {
      case 0: {
        std::set<std::string> last_of;
        hub_.leave_all(member, [&](std::string_view name) { last_of.emplace(name); });
        ASSERT_EQ(last_of, twin_.leave_all(i));
        break;
      }
      case 1:
      case 2:
        ASSERT_EQ(hub_.leave(group, member), twin_.leave(group, i));
        break;
      case 3:
        fan_out(group);
        break;
      default:
        ASSERT_EQ(hub_.join(group, member), twin_.join(group, i));
    }
    ASSERT_EQ(hub_.member_count(group), twin_.members(group).size());
  }

 private:
  // Some members leave the group, or everything, while they are handed the event.
  void fan_out(const std::string& group) {
    const std::set<size_t> expected = twin_.members(group);
    for (size_t i = 0; i < members_.size(); ++i) {
      members_[i]->events.clear();
      members_[i]->on_deliver = nullptr;
      const uint64_t choice = random_.below(4);
      if (choice > 1) continue;
      members_[i]->on_deliver = [this, i, group, leaves_all = choice == 0] {
        if (leaves_all) {
          hub_.leave_all(*members_[i], [](std::string_view) {});
          twin_.leave_all(i);
        } else {
          ASSERT_EQ(hub_.leave(group, *members_[i]), twin_.leave(group, i));
        }
      };
    }
    ASSERT_EQ(hub_.fan_out(event_for(group)), expected.size());
    for (size_t i = 0; i < members_.size(); ++i) {
      ASSERT_EQ(members_[i]->events.size(), expected.count(i));
    }
  }

  Random random_;
  Hub hub_;
  NaiveHub twin_;
  std::vector<std::unique_ptr<Listener>> members_;
};

TEST(Hub, AgreesWithANaiveTwin) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    TwinTest test(seed);
    for (int i = 0; i < 500 && !testing::Test::HasFailure(); ++i) test.step();
  }
}

}  // namespace
}  // namespace carillon::fanout
