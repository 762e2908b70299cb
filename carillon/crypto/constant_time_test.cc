#include "carillon/crypto/constant_time.h"

#include <gtest/gtest.h>

namespace carillon::crypto {
namespace {

TEST(ConstantTimeEqual, ComparesLengthAndContents) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("secret", "secret"));
  EXPECT_FALSE(constant_time_equal("secret", "secreT"));
  EXPECT_FALSE(constant_time_equal("secret", "Secret"));
  EXPECT_FALSE(constant_time_equal("secret", "secre"));
  EXPECT_FALSE(constant_time_equal("", "s"));
  EXPECT_FALSE(constant_time_equal({"a\0b", 3}, {"a\0c", 3}));
}

}  // namespace
}  // namespace carillon::crypto
