#include "carillon/fanout/connection_name.h"

#include <gtest/gtest.h>

#include "carillon/layer/name.h"

namespace carillon::fanout {
namespace {

TEST(ConnectionName, ReadsWhatItWrites) {
  for (const ConnectionName& name :
       {ConnectionName{}, ConnectionName{1, 2, 3}, ConnectionName{63, UINT32_MAX, UINT32_MAX}}) {
    EXPECT_EQ(parse_local_name(to_local_name(name)), name) << to_local_name(name);
  }
  EXPECT_EQ(to_local_name({3, 17, 2}), "c3.17.2");
}

TEST(ConnectionName, IsNothingElse) {
  for (const char* text : {"", "c", "c1", "c1.2", "c1.2.", "c1.2.3.", "c1.2.3.4", "c1.2.3 ",
                           "1.2.3", "C1.2.3", "c-1.2.3", "c+1.2.3", "c1..3", "c1.2.4294967296",
                           "c99999999999.2.3", "c01.2.3", "c1.2.03", "g1", "c1.2.x"}) {
    EXPECT_EQ(parse_local_name(text), std::nullopt) << text;
  }
}

TEST(ConnectionName, FitsIntoAChannelsNameBehindTheProcesses) {
  const std::string longest = to_local_name({63, UINT32_MAX, UINT32_MAX});
  EXPECT_TRUE(layer::is_valid_channel_name(layer::make_process_channel() + longest));
}

}  // namespace
}  // namespace carillon::fanout
