#include "carillon/http/header.h"

#include <gtest/gtest.h>

#include <vector>

namespace carillon::http {
namespace {

const std::vector<Header> kHeaders = {{"Host", "a"},
                                      {"Connection", "keep-alive , Upgrade"},
                                      {"CONNECTION", ",x-Token"},
                                      {"host", "b"}};

TEST(Header, IsFoundInAnyCase) {
  EXPECT_EQ(find_header(kHeaders, "HOST"), "a");
  EXPECT_EQ(find_header(kHeaders, "origin"), "");
  EXPECT_EQ(find_header({}, "host"), "");
}

TEST(Header, IsCounted) {
  EXPECT_EQ(count_headers(kHeaders, "host"), 2u);
  EXPECT_EQ(count_headers(kHeaders, "hos"), 0u);
}

TEST(Header, ListsSpreadOverSeveralFields) {
  EXPECT_TRUE(headers_have_token(kHeaders, "connection", "upgrade"));
  EXPECT_TRUE(headers_have_token(kHeaders, "connection", "keep-alive"));
  EXPECT_TRUE(headers_have_token(kHeaders, "connection", "X-TOKEN"));
  EXPECT_FALSE(headers_have_token(kHeaders, "connection", "keep"));
  EXPECT_FALSE(headers_have_token(kHeaders, "connection", "keep-alive , Upgrade"));
  EXPECT_FALSE(headers_have_token(kHeaders, "upgrade", "upgrade"));
}

TEST(Header, ComparesLettersOnlyWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("aZ-9", "Az-9"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
}

}  // namespace
}  // namespace carillon::http
