#include "carillon/jwt/algorithm.h"

#include <gtest/gtest.h>

namespace carillon::jwt {
namespace {

TEST(Algorithm, EveryNameLeadsBackToItself) {
  ASSERT_EQ(all_algorithms().size(), kAlgorithmCount);
  for (const Algorithm algorithm : all_algorithms()) {
    EXPECT_EQ(parse_algorithm(name_of(algorithm)), algorithm);
    EXPECT_NE(hmac_hash_of(algorithm).has_value(), signature_of(algorithm).has_value());
  }
}

TEST(Algorithm, OnlyExactNamesAreKnown) {
  for (const char* name :
       {"", "none", "None", "hs256", "HS256 ", "HS1", "ES256K", "RS1", "EDDSA"}) {
    EXPECT_EQ(parse_algorithm(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace carillon::jwt
