#include "carillon/http/cookie.h"

#include <gtest/gtest.h>

#include <vector>

namespace carillon::http {
namespace {

std::string select(std::vector<Header> headers, std::vector<std::string> names) {
  return select_cookies(headers, names);
}

TEST(SelectCookies, KeepsOnlyTheNamedOnes) {
  EXPECT_EQ(select({{"Cookie", "csrftoken=x; sessionid=abc; theme=dark"}}, {"sessionid"}),
            "sessionid=abc");
  EXPECT_EQ(select({{"Cookie", "a=1; b=2; c=3"}}, {"c", "a"}), "a=1; c=3");
  EXPECT_EQ(select({{"Cookie", "a=1"}}, {}), "");
}

TEST(SelectCookies, ReadsEveryCookieFieldAndNoOther) {
  EXPECT_EQ(select({{"cookie", "a=1"}, {"X-Cookie", "a=2"}, {"COOKIE", "a=3"}}, {"a"}), "a=1; a=3");
  EXPECT_EQ(select({}, {"a"}), "");
}

TEST(SelectCookies, PassesValuesOnAsTheyCame) {
  EXPECT_EQ(select({{"Cookie", R"(a="x=y" ;b=)"}}, {"a", "b"}), R"(a="x=y"; b=)");
}

TEST(SelectCookies, ComparesNamesExactly) {
  EXPECT_EQ(select({{"Cookie", "SessionId=1; sessionid2=2; xsessionid=3"}}, {"sessionid"}), "");
  EXPECT_EQ(select({{"Cookie", "\t sessionid = 1 \t;"}}, {"sessionid"}), "sessionid = 1");
}

TEST(SelectCookies, SkipsWhatIsNoPair) {
  EXPECT_EQ(select({{"Cookie", ";; sessionid; =x; ; a=1;"}}, {"sessionid", "a"}), "a=1");
  EXPECT_EQ(select({{"Cookie", ""}}, {"a"}), "");
}

}  // namespace
}  // namespace carillon::http
