#include "carillon/auth/token_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon::auth {
namespace {

TokenDigest digest(unsigned number) {
  TokenDigest out{};
  std::memcpy(out.data(), &number, sizeof number);
  return out;
}

TokenCache::Entry entry(unsigned number) {
  return {.identity = {.user_id = std::to_string(number)}, .not_before_s = {}};
}

TEST(TokenCache, FindsWhatWasPutIn) {
  TokenCache cache(2);
  EXPECT_EQ(cache.find(digest(1)), nullptr);
  cache.insert(digest(1), entry(1));
  ASSERT_NE(cache.find(digest(1)), nullptr);
  EXPECT_EQ(cache.find(digest(1))->identity.user_id, "1");
}

TEST(TokenCache, ComparesTheWholeDigest) {
  TokenCache cache(2);
  cache.insert(digest(1), entry(1));
  TokenDigest other = digest(1);
  other.back() = std::byte{1};
  EXPECT_EQ(cache.find(other), nullptr);
}

TEST(TokenCache, ForgetsTheLeastRecentlyUsed) {
  TokenCache cache(3);
  for (unsigned i = 1; i <= 3; ++i) cache.insert(digest(i), entry(i));
  EXPECT_EQ(cache.size(), 3U);
  (void)cache.find(digest(1));
  cache.insert(digest(4), entry(4));
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_EQ(cache.find(digest(2)), nullptr);
  EXPECT_NE(cache.find(digest(1)), nullptr);
  EXPECT_NE(cache.find(digest(3)), nullptr);
  EXPECT_EQ(cache.find(digest(4))->identity.user_id, "4");
}

TEST(TokenCache, StaysBounded) {
  TokenCache cache(100);
  for (unsigned i = 0; i < 10'000; ++i) cache.insert(digest(i), entry(i));
  EXPECT_EQ(cache.size(), 100U);
  for (unsigned i = 9'900; i < 10'000; ++i) EXPECT_NE(cache.find(digest(i)), nullptr);
}

TEST(TokenCache, ReplacesAndErases) {
  TokenCache cache(2);
  cache.insert(digest(1), entry(1));
  cache.insert(digest(1), entry(9));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find(digest(1))->identity.user_id, "9");
  cache.erase(digest(1));
  cache.erase(digest(1));
  EXPECT_EQ(cache.find(digest(1)), nullptr);
}

TEST(TokenCache, OfSizeNoneKeepsNothing) {
  TokenCache cache(0);
  cache.insert(digest(1), entry(1));
  EXPECT_EQ(cache.find(digest(1)), nullptr);
}

}  // namespace
}  // namespace carillon::auth
