#include "carillon/http/path_pattern.h"

#include <gtest/gtest.h>

namespace carillon::http {
namespace {

using Params = std::vector<std::string>;

PathPattern pattern(std::string_view text) {
  auto parsed = PathPattern::parse(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

// The parameters; empty when the path does not match.
std::optional<Params> match(std::string_view text, std::string_view path) {
  Params params = {"left over"};
  return pattern(text).match(path, params) ? std::optional(params) : std::nullopt;
}

TEST(PathPattern, MatchesLiterals) {
  EXPECT_EQ(match("/ws/dashboard/", "/ws/dashboard/"), Params());
  EXPECT_EQ(match("/ws/dashboard/", "/ws/dashboards/"), std::nullopt);
  EXPECT_EQ(match("/ws/dashboard/", "/ws/"), std::nullopt);
  EXPECT_EQ(match("/ws/dashboard/", "/ws/dashboard/x/"), std::nullopt);
  EXPECT_EQ(match("/ws/dashboard/", "/WS/dashboard/"), std::nullopt);
  EXPECT_EQ(match("/", "/"), Params());
  EXPECT_EQ(match("/", "/a"), std::nullopt);
}

TEST(PathPattern, TakesTheTrailingSlashAsOptional) {
  for (const char* text : {"/ws/mentor/{id}/", "/ws/mentor/{id}"}) {
    EXPECT_EQ(match(text, "/ws/mentor/7/"), Params{"7"});
    EXPECT_EQ(match(text, "/ws/mentor/7"), Params{"7"});
    EXPECT_EQ(match(text, "/ws/mentor/7//"), std::nullopt);
  }
}

TEST(PathPattern, GivesItsParametersInOrder) {
  const PathPattern two = pattern("/{b}/x/{a_1}/");
  EXPECT_EQ(two.names(), (Params{"b", "a_1"}));
  EXPECT_EQ(two.text(), "/{b}/x/{a_1}/");
  Params params;
  EXPECT_TRUE(two.match("/1/x/2", params));
  EXPECT_EQ(params, (Params{"1", "2"}));
}

TEST(PathPattern, DecodesEachSegmentOnce) {
  EXPECT_EQ(match("/ws/{id}/", "/ws/a%20b%2525/"), Params{"a b%25"});
  EXPECT_EQ(match("/ws/{id}/", "/%77s/7/"), Params{"7"});
  EXPECT_EQ(match("/ws/{id}/", "/%77%78/7/"), std::nullopt);
}

TEST(PathPattern, MatchesNothingThatHidesASlashOrNul) {
  EXPECT_EQ(match("/ws/{id}/", "/ws/a%2Fb/"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "/ws/a%00/"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "/ws%2F7/"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "/ws/%zz/"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "/ws%/7/"), std::nullopt);
}

TEST(PathPattern, WantsNoEmptySegments) {
  EXPECT_EQ(match("/ws/{id}/", "/ws//"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "//ws/7/"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "/ws/"), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", ""), std::nullopt);
  EXPECT_EQ(match("/ws/{id}/", "*"), std::nullopt);
  EXPECT_EQ(match("/", "//"), std::nullopt);
  EXPECT_EQ(match("/", ""), std::nullopt);
}

TEST(PathPattern, RefusesWhatCannotBeAPattern) {
  for (const char* text :
       {"",          "ws/",    "//",   "/a//b",    "/{}",    "/{id",  "/id}", "/a{id}",
        "/{id}b",    "/{Id}",  "/{1}", "/{a}/{a}", "/a b",   "/a%20", "/a?b", "/a#b",
        "/\xc3\xa9", "/{a-b}", "/{",   "/}",       "/{{a}}", "/a//"}) {
    const auto parsed = PathPattern::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "bad_path_pattern");
    EXPECT_NE(parsed.error().what.find(text), std::string::npos);
  }
}

}  // namespace
}  // namespace carillon::http
