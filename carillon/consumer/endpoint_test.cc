#include "carillon/consumer/endpoint.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace carillon::consumer {
namespace {

using Strings = std::vector<std::string>;

Result<Endpoint, Error> make(std::string path, Strings groups, Strings allow = {}) {
  return Endpoint::make(
      {.path = std::move(path), .allow = std::move(allow), .groups = std::move(groups)},
      [](const Endpoint&) { return std::make_unique<Consumer>(); });
}

std::optional<Strings> groups_of(std::string path, Strings groups, const Strings& params) {
  const auto endpoint = make(std::move(path), std::move(groups));
  EXPECT_TRUE(endpoint);
  return endpoint->groups_for(params, "7");
}

TEST(Endpoint, FillsInTheTemplatesOfItsGroups) {
  EXPECT_EQ(groups_of("/a/", {}, {}), Strings{});
  EXPECT_EQ(groups_of("/a/", {"updates"}, {}), Strings{"updates"});
  EXPECT_EQ(groups_of("/a/", {"notifications_{user_id}"}, {}), Strings{"notifications_7"});
  EXPECT_EQ(groups_of("/a/{id}/", {"mentor_{id}", "all"}, {"42"}), (Strings{"mentor_42", "all"}));
  EXPECT_EQ(groups_of("/a/{x}/{y}/", {"{y}.{x}-{user_id}"}, {"1", "2"}), Strings{"2.1-7"});
  EXPECT_EQ(groups_of("/a/{id}/", {"{id}_{id}"}, {"z"}), Strings{"z_z"});
}

TEST(Endpoint, GivesNoGroupsForAParameterThatMakesABadName) {
  for (const std::string& id :
       {std::string("a b"), std::string("a/b"), std::string("ü"), std::string("a!b"),
        std::string("{id}"), std::string("{user_id}"), std::string("}"), std::string(93, 'x')}) {
    EXPECT_EQ(groups_of("/a/{id}/", {"mentor_{id}"}, {id}), std::nullopt) << id;
  }
  EXPECT_EQ(groups_of("/a/{id}/", {"mentor_{id}"}, {std::string(92, 'x')}),
            Strings{"mentor_" + std::string(92, 'x')});
}

TEST(Endpoint, RefusesTemplatesThatCannotMakeAName) {
  for (const char* group : {"", "a b", "mentor_{id", "mentor_id}", "mentor_{}", "{{id}}", "}{",
                            "mentor_{name}", "a!b", "{id} {id}"}) {
    const auto endpoint = make("/ws/{id}/", {group});
    ASSERT_FALSE(endpoint) << group;
    EXPECT_EQ(endpoint.error().code, "bad_endpoint");
    EXPECT_NE(endpoint.error().what.find(group), std::string::npos);
  }
  EXPECT_TRUE(make("/ws/", {std::string(99, 'x')}));
  EXPECT_FALSE(make("/ws/", {std::string(100, 'x')}));
  EXPECT_TRUE(make("/ws/", {std::string(98, 'x') + "{user_id}"}));
  EXPECT_FALSE(make("/ws/", {std::string(99, 'x') + "{user_id}"}));
}

TEST(Endpoint, RefusesABadPathOrPermission) {
  EXPECT_FALSE(make("ws/", {}));
  EXPECT_FALSE(make("/ws/{}/", {}));
  EXPECT_FALSE(make("/ws/", {}, {"nobody"}));
  EXPECT_TRUE(make("/ws/{id}/", {}, {"mentor:id", "staff"}));
}

TEST(Endpoint, AdmitsAnyoneWithoutPermissions) {
  EXPECT_FALSE(make("/ws/", {})->permission());
  EXPECT_TRUE(make("/ws/", {}, {"authenticated"})->permission());
}

TEST(Endpoint, IsNamedByItsPathWhenItHasNoName) {
  EXPECT_EQ(make("/ws/{id}/", {})->options().name, "/ws/{id}/");
  EXPECT_EQ(Endpoint::make({.name = "chat", .path = "/ws/"}, {})->options().name, "chat");
}

TEST(EndpointTable, FindsTheFirstThatMatches) {
  EndpointTable table;
  const auto factory = [](const Endpoint&) { return std::make_unique<Consumer>(); };
  ASSERT_TRUE(table.add({.name = "mine", .path = "/ws/users/me/"}, factory));
  ASSERT_TRUE(table.add({.name = "any", .path = "/ws/users/{id}/"}, factory));
  EXPECT_FALSE(table.add({.path = "bad"}, factory));
  EXPECT_EQ(table.all().size(), 2u);
  Strings params;
  EXPECT_EQ(table.match("/ws/users/me/", params)->options().name, "mine");
  EXPECT_EQ(table.match("/ws/users/42", params)->options().name, "any");
  EXPECT_EQ(params, Strings{"42"});
  EXPECT_EQ(table.match("/ws/users/42/more/", params), nullptr);
  EXPECT_EQ(table.match("/ws/", params), nullptr);
}

}  // namespace
}  // namespace carillon::consumer
