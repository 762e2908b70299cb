#include "carillon/http/route_table.h"

#include <gtest/gtest.h>

#include <string>

namespace carillon::http {
namespace {

using Table = RouteTable<std::string>;

Table table() {
  Table routes;
  routes.add(Method::kGet, "/api/users/", "list");
  routes.add(Method::kPost, "/api/users/", "create");
  routes.add(Method::kGet, "/api/users/me/", "me");
  routes.add(Method::kGet, "/api/users/{id}/", "read");
  routes.add(Method::kPatch, "/api/users/{id}/", "change");
  routes.add(Method::kHead, "/api/users/{id}/photo/{size}/", "measure");
  return routes;
}

// The handler's name, "404", or "405" and what is allowed.
std::string answer(Method method, std::string_view path) {
  static Table routes = table();
  const auto match = routes.match(method, path);
  switch (match.outcome) {
    case Table::Outcome::kFound:
      return *match.handler;
    case Table::Outcome::kNotFound:
      return "404";
    case Table::Outcome::kMethodNotAllowed:
      return "405 " + match.allow;
  }
  return "";
}

TEST(RouteTable, ChoosesByPathAndMethod) {
  EXPECT_EQ(answer(Method::kGet, "/api/users/"), "list");
  EXPECT_EQ(answer(Method::kGet, "/api/users"), "list");
  EXPECT_EQ(answer(Method::kPost, "/api/users/"), "create");
  EXPECT_EQ(answer(Method::kPatch, "/api/users/7/"), "change");
  EXPECT_EQ(answer(Method::kGet, "/api/"), "404");
}

TEST(RouteTable, TriesRoutesInTheirOrder) {
  EXPECT_EQ(answer(Method::kGet, "/api/users/me/"), "me");
  EXPECT_EQ(answer(Method::kPatch, "/api/users/me/"), "change");
}

TEST(RouteTable, TellsWhatIsAllowed) {
  EXPECT_EQ(answer(Method::kDelete, "/api/users/"), "405 GET, HEAD, POST");
  EXPECT_EQ(answer(Method::kOther, "/api/users/7/"), "405 GET, HEAD, PATCH");
  EXPECT_EQ(answer(Method::kGet, "/api/users/7/photo/s"), "405 HEAD");
}

TEST(RouteTable, AnswersHeadAsGet) {
  EXPECT_EQ(answer(Method::kHead, "/api/users/"), "list");
  EXPECT_EQ(answer(Method::kHead, "/api/users/7/photo/s"), "measure");
  Table routes = table();
  EXPECT_EQ(routes.match(Method::kHead, "/api/users/9/").params.get("id"), "9");
}

TEST(RouteTable, GivesTheParameters) {
  Table routes = table();
  const auto match = routes.match(Method::kHead, "/api/users/a%20b/photo/xl/");
  EXPECT_EQ(match.params.get("id"), "a b");
  EXPECT_EQ(match.params.get("size"), "xl");
  EXPECT_EQ(match.params.get("name"), std::nullopt);
  EXPECT_EQ(match.pattern->text(), "/api/users/{id}/photo/{size}/");
  EXPECT_EQ(RouteParams().get("id"), std::nullopt);
}

TEST(RouteTable, ListsItsRoutes) {
  EXPECT_EQ(table().routes().size(), 6u);
}

TEST(RouteTableDeathTest, RefusesABadPattern) {
  Table routes;
  EXPECT_DEATH(routes.add(Method::kGet, "no-slash", "x"), "parsed.has_value");
}

}  // namespace
}  // namespace carillon::http
