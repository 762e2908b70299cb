#include "carillon/ws/close_code.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace carillon::ws {
namespace {

TEST(CloseCode, TableIsAscendingCompleteAndUnambiguous) {
  std::set<std::string_view> slugs;
  int before = 0;
  for (const CloseCodeEntry& entry : close_codes()) {
    const int code = static_cast<int>(entry.code);
    EXPECT_LT(before, code);
    before = code;
    EXPECT_TRUE(is_legal_on_wire(static_cast<uint16_t>(code))) << code;
    EXPECT_FALSE(entry.meaning.empty()) << code;
    EXPECT_FALSE(entry.client_action.empty()) << code;
    EXPECT_TRUE(slugs.insert(entry.slug).second) << entry.slug;
    if (!entry.other_slug.empty()) {
      EXPECT_TRUE(slugs.insert(entry.other_slug).second);
    }
    EXPECT_EQ(slug(entry.code), entry.slug);
    EXPECT_LE(entry.slug.size(), 123u);
    if (entry.fatal_after_retry) {
      EXPECT_TRUE(entry.fatal) << code;
    }
  }
  EXPECT_EQ(close_codes().size(), 21u);
}

TEST(CloseCode, HasASlugForNoStatusToo) {
  EXPECT_EQ(slug(CloseCode::kNoStatus), "no_status");
  EXPECT_EQ(slug(CloseCode::kSlowConsumer), "slow_consumer");
}

TEST(CloseCode, KnowsWhatMayBeSent) {  // §7.4.1, §7.4.2
  std::set<int> legal;
  for (int code = 0; code <= 0xffff; ++code) {
    if (is_legal_on_wire(static_cast<uint16_t>(code))) legal.insert(code);
  }
  std::set<int> expected = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014};
  for (int code = 3000; code <= 4999; ++code) expected.insert(code);
  EXPECT_EQ(legal, expected);
}

}  // namespace
}  // namespace carillon::ws
