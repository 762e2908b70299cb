#include "carillon/directory/answer_memory.h"

#include <gtest/gtest.h>

namespace carillon::directory {
namespace {

Answer user(const std::string& id) {
  return auth::Identity{.user_id = id};
}

TEST(AnswerMemory, KeepsAnAnswerUntilItExpires) {
  AnswerMemory memory(10);
  memory.insert("7", user("7"), 1'000);
  ASSERT_NE(memory.find("7", 999), nullptr);
  EXPECT_EQ((*memory.find("7", 999))->user_id, "7");
  EXPECT_EQ(memory.find("7", 1'000), nullptr);
  EXPECT_EQ(memory.size(), 0u) << "and lets it go";
  EXPECT_EQ(memory.find("8", 0), nullptr);
}

TEST(AnswerMemory, ForgetsTheLeastRecentlyUsed) {
  AnswerMemory memory(2);
  memory.insert("1", user("1"), 1'000);
  memory.insert("2", user("2"), 1'000);
  EXPECT_NE(memory.find("1", 0), nullptr);
  memory.insert("3", user("3"), 1'000);
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_NE(memory.find("1", 0), nullptr);
  EXPECT_EQ(memory.find("2", 0), nullptr);
  EXPECT_NE(memory.find("3", 0), nullptr);
}

TEST(AnswerMemory, ReplacesAnAnswer) {
  AnswerMemory memory(2);
  memory.insert("1", user("old"), 1'000);
  memory.insert("1", user("new"), 2'000);
  EXPECT_EQ(memory.size(), 1u);
  EXPECT_EQ((*memory.find("1", 1'500))->user_id, "new");
}

TEST(AnswerMemory, OfNoSizeKeepsNothing) {
  AnswerMemory memory(0);
  memory.insert("1", user("1"), 1'000);
  EXPECT_EQ(memory.find("1", 0), nullptr);
}

}  // namespace
}  // namespace carillon::directory
