#include "carillon/layer/capacity.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon::layer {
namespace {

TEST(Glob, MatchesTheWholeName) {
  EXPECT_TRUE(matches_glob("http.request", "http.request"));
  EXPECT_FALSE(matches_glob("http.request", "http.request2"));
  EXPECT_FALSE(matches_glob("http.request", "http.reques"));
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_FALSE(matches_glob("a", ""));
}

TEST(Glob, TellsCaseApart) {
  EXPECT_FALSE(matches_glob("gw.*", "GW.n1"));
}

TEST(Glob, HasStarsForAnything) {
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("**", ""));
  EXPECT_TRUE(matches_glob("gw.*", "gw."));
  EXPECT_TRUE(matches_glob("gw.*", "gw.n1!g42"));
  EXPECT_TRUE(matches_glob("*!g42", "gw.n1!g42"));
  EXPECT_TRUE(matches_glob("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches_glob("a*b*c", "aXbYbZ"));
  EXPECT_FALSE(matches_glob("http.response!*", "http.response.x!abc"));
}

TEST(Glob, HasQuestionMarksForOneCharacter) {
  EXPECT_TRUE(matches_glob("a?c", "abc"));
  EXPECT_TRUE(matches_glob("?", "!"));
  EXPECT_FALSE(matches_glob("?", ""));
  EXPECT_FALSE(matches_glob("a?", "a"));
  EXPECT_FALSE(matches_glob("a?", "abc"));
}

TEST(Glob, HasSets) {
  EXPECT_TRUE(matches_glob("[abc]", "b"));
  EXPECT_FALSE(matches_glob("[abc]", "d"));
  EXPECT_FALSE(matches_glob("[abc]", ""));
  EXPECT_TRUE(matches_glob("gw[0-9].*", "gw7.x"));
  EXPECT_TRUE(matches_glob("[0-9]", "0"));
  EXPECT_TRUE(matches_glob("[0-9]", "9"));
  EXPECT_FALSE(matches_glob("[0-9]", ":"));
  EXPECT_FALSE(matches_glob("[0-9]", "/"));
  EXPECT_TRUE(matches_glob("*[0-9]x", "a1b2x"));
}

TEST(Glob, HasNegatedSets) {
  EXPECT_TRUE(matches_glob("[!abc]", "d"));
  EXPECT_FALSE(matches_glob("[!abc]", "a"));
  EXPECT_FALSE(matches_glob("[!abc]", ""));
  EXPECT_FALSE(matches_glob("[!0-9]", "5"));
  EXPECT_TRUE(matches_glob("[^a]", "^")) << "only ! negates";
  EXPECT_FALSE(matches_glob("[^a]", "b"));
}

TEST(Glob, TakesABracketThatComesFirstAsAMember) {
  EXPECT_TRUE(matches_glob("[]]", "]"));
  EXPECT_TRUE(matches_glob("[]a]", "a"));
  EXPECT_FALSE(matches_glob("[!]]", "]"));
  EXPECT_TRUE(matches_glob("[!]]", "a"));
}

TEST(Glob, TakesABracketThatIsNeverClosedAsItself) {
  EXPECT_TRUE(matches_glob("[", "["));
  EXPECT_TRUE(matches_glob("[a", "[a"));
  EXPECT_TRUE(matches_glob("[]", "[]"));
  EXPECT_TRUE(matches_glob("[!]", "[!]"));
  EXPECT_FALSE(matches_glob("[a", "a"));
}

TEST(Glob, TakesAHyphenAtEitherEndAsItself) {
  EXPECT_TRUE(matches_glob("[-a]", "-"));
  EXPECT_TRUE(matches_glob("[a-]", "-"));
  EXPECT_TRUE(matches_glob("[a-c-e]", "-"));
  EXPECT_FALSE(matches_glob("[a-c-e]", "d"));
  EXPECT_FALSE(matches_glob("[c-a]", "b"));
  EXPECT_TRUE(matches_glob("[!c-a]", "b"));
}

TEST(Glob, TakesNoLongerThanTheProductOfTheLengths) {
  std::string glob;
  for (int i = 0; i < 40; ++i) glob += "*a";
  EXPECT_FALSE(matches_glob(glob + "b", std::string(99, 'a')));
}

TEST(Capacities, AreThoseOfTheFirstRuleThatMatches) {
  const Capacities capacities(100, {{"gw.n1*", 7}, {"gw.*", 5'000}, {"backend", 1}});
  EXPECT_EQ(capacities.capacity_of("gw.n1!x"), 7U);
  EXPECT_EQ(capacities.capacity_of("gw.n2!x"), 5'000U);
  EXPECT_EQ(capacities.capacity_of("backend"), 1U);
  EXPECT_EQ(capacities.capacity_of("backend2"), 100U);
}

}  // namespace
}  // namespace carillon::layer
