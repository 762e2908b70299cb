#include "carillon/layer/name.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon::layer {
namespace {

TEST(GroupName, IsLettersDigitsHyphensUnderscoresAndDots) {
  for (const char* name :
       {"a", "Z", "0", "-", "_", ".", "dashboard_updates", "mentor_42", "a.b-c_D9"}) {
    EXPECT_TRUE(is_valid_group_name(name)) << name;
    EXPECT_TRUE(is_valid_channel_name(name)) << name;
  }
}

TEST(GroupName, IsNothingElse) {
  EXPECT_FALSE(is_valid_group_name(""));
  for (int c = 0; c < 256; ++c) {
    const bool is_allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    const std::string one(1, static_cast<char>(c));
    EXPECT_EQ(is_valid_group_name(one), is_allowed) << c;
    EXPECT_EQ(is_valid_group_name("a" + one + "b"), is_allowed) << c;
  }
}

TEST(GroupName, HasAtMost99Characters) {
  EXPECT_TRUE(is_valid_group_name(std::string(99, 'x')));
  EXPECT_FALSE(is_valid_group_name(std::string(100, 'x')));
  EXPECT_TRUE(is_valid_channel_name(std::string(99, 'x')));
  EXPECT_FALSE(is_valid_channel_name(std::string(100, 'x')));
  EXPECT_TRUE(is_valid_channel_name(std::string(49, 'x') + "!" + std::string(49, 'y')));
  EXPECT_FALSE(is_valid_channel_name(std::string(49, 'x') + "!" + std::string(50, 'y')));
}

TEST(ChannelName, HasAtMostOneMarkOfItsProcess) {
  EXPECT_TRUE(is_valid_channel_name("specific.inmemory!abc"));
  EXPECT_TRUE(is_valid_channel_name("prefix!"));
  EXPECT_FALSE(is_valid_channel_name("!abc"));
  EXPECT_FALSE(is_valid_channel_name("!"));
  EXPECT_FALSE(is_valid_channel_name("a!b!c"));
  EXPECT_FALSE(is_valid_channel_name("a!b c"));
  EXPECT_FALSE(is_valid_channel_name(""));
  EXPECT_FALSE(is_valid_group_name("a!b"));
}

}  // namespace
}  // namespace carillon::layer
