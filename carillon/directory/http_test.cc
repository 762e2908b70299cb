#include "carillon/directory/http.h"

#include <gtest/gtest.h>

namespace carillon::directory {
namespace {

TEST(UserUrl, HasTheIdInItsPlace) {
  EXPECT_EQ(user_url("http://b/users/{user_id}/", "7"), "http://b/users/7/");
  EXPECT_EQ(user_url("http://b/users/?id={user_id}&x=1", "a.b-c_9"),
            "http://b/users/?id=a.b-c_9&x=1");
}

TEST(UserUrl, GetsAQueryWhereThereIsNoPlace) {
  EXPECT_EQ(user_url("http://b/who", "7"), "http://b/who?user_id=7");
  EXPECT_EQ(user_url("http://b/who?x=1", "7"), "http://b/who?x=1&user_id=7");
}

TEST(UserUrl, EncodesWhatIsNoPlainId) {
  EXPECT_EQ(user_url("http://b/{user_id}/", "a/b?c"), "http://b/a%2Fb%3Fc/");
}

}  // namespace
}  // namespace carillon::directory
