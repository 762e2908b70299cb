#include "carillon/session/session_table.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "carillon/base/random.h"

namespace carillon::session {
namespace {

using Table = SessionTable<int>;

TEST(SessionTable, FindsWhatItOwns) {
  Table table;
  const auto one = table.add(std::make_unique<int>(1));
  const auto two = table.add(std::make_unique<int>(2));
  EXPECT_NE(one, two);
  EXPECT_EQ(*table.find(one), 1);
  EXPECT_EQ(*table.find(two), 2);
  EXPECT_EQ(table.count(), 2u);
}

TEST(SessionTable, KnowsNothingOfIdsItNeverGave) {
  Table table;
  EXPECT_EQ(table.find({}), nullptr);
  (void)table.add(std::make_unique<int>(1));
  EXPECT_EQ(table.find({.slot = 1}), nullptr);
  EXPECT_EQ(table.find({.slot = 0, .generation = 1}), nullptr);
}

TEST(SessionTable, HandsBackWhatItRemoves) {
  Table table;
  const auto id = table.add(std::make_unique<int>(7));
  EXPECT_EQ(*table.remove(id), 7);
  EXPECT_EQ(table.find(id), nullptr);
  EXPECT_EQ(table.count(), 0u);
}

TEST(SessionTable, NeverGivesAnIdTwice) {
  Table table;
  const auto first = table.add(std::make_unique<int>(1));
  (void)table.remove(first);
  const auto second = table.add(std::make_unique<int>(2));
  EXPECT_EQ(second.slot, first.slot) << "slots are used again";
  EXPECT_NE(second, first);
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(*table.find(second), 2);
}

TEST(SessionTable, ShowsHolesWhereSessionsLeft) {
  Table table;
  const auto one = table.add(std::make_unique<int>(1));
  (void)table.add(std::make_unique<int>(2));
  (void)table.remove(one);
  ASSERT_EQ(table.slot_count(), 2u);
  EXPECT_EQ(table.at(0), nullptr);
  EXPECT_EQ(*table.at(1), 2);
}

TEST(SessionTable, KeepsItsWordThroughRandomComingsAndGoings) {
  Random random(1);
  Table table;
  std::vector<std::pair<Table::Id, int>> here;
  std::vector<Table::Id> gone;
  for (int i = 0; i < 5'000; ++i) {
    if (here.empty() || random.below(2) == 0) {
      here.emplace_back(table.add(std::make_unique<int>(i)), i);
    } else {
      const auto left = here.begin() + static_cast<ptrdiff_t>(random.below(here.size()));
      ASSERT_EQ(*table.remove(left->first), left->second);
      gone.push_back(left->first);
      here.erase(left);
    }
    ASSERT_EQ(table.count(), here.size());
  }
  for (const auto& [id, value] : here) EXPECT_EQ(*table.find(id), value);
  for (const auto& id : gone) EXPECT_EQ(table.find(id), nullptr);
}

}  // namespace
}  // namespace carillon::session
