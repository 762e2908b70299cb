#include "carillon/auth/api_keys.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

TEST(ApiKeys, HoldsExactlyTheGivenOnes) {
  const ApiKeys keys({Secret("first-key"), Secret("second-key")});
  EXPECT_TRUE(keys.contains("first-key"));
  EXPECT_TRUE(keys.contains("second-key"));
  for (const char* key : {"", "first", "first-key ", "First-key", "third-key"}) {
    EXPECT_FALSE(keys.contains(key)) << key;
  }
}

TEST(ApiKeys, AnEmptyKeyAdmitsNobody) {
  const ApiKeys keys({Secret("")});
  EXPECT_TRUE(keys.empty());
  EXPECT_FALSE(keys.contains(""));
  EXPECT_FALSE(ApiKeys({}).contains("x"));
}

}  // namespace
}  // namespace carillon::auth
