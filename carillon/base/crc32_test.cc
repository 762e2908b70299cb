#include "carillon/base/crc32.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon {
namespace {

TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(crc32(as_bytes("")), 0U);
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32(as_bytes("caf\xc3\xa9")), 2'561'491'637U);
  EXPECT_EQ(crc32(as_bytes(std::string(1'000, '\xff'))), 0xe0533230U);
}

}  // namespace
}  // namespace carillon
