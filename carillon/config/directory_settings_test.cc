// The user directory, session authentication and forward_to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "carillon/config/load_fixture_test.h"

namespace carillon::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using DirectoryTest = test::LoadFixture;

TEST_F(DirectoryTest, HasItsDefaults) {
  const AuthSettings auth = loaded().settings.auth;
  EXPECT_EQ(auth.directory, "claims");
  EXPECT_THAT(auth.database_query, HasSubstr("FROM auth_user WHERE id = $1"));
  EXPECT_THAT(auth.http_cookies, ElementsAre("sessionid"));
  EXPECT_EQ(auth.directory_timeout_ms, 2'000U);
  EXPECT_EQ(auth.directory_ttl_s, 60U);
  EXPECT_EQ(auth.directory_users_max, 100'000U);
  EXPECT_EQ(auth.directory_concurrency_max, 32U);
}

TEST_F(DirectoryTest, ReadsTheDatabaseThatDjangoNames) {
  options_.environment = {{"DATABASE_URL", "postgres://u:hunter2@h/d"},
                          {"CARILLON_AUTH_DIRECTORY", "database"}};
  const Loaded result = loaded();
  EXPECT_EQ(result.settings.auth.database_url.reveal(), "postgres://u:hunter2@h/d");
  EXPECT_EQ(result.settings.database, "") << "it is never the store";
  for (const Origin& origin : result.origins) {
    if (origin.key != "auth.database_url") continue;
    EXPECT_EQ(origin.value, "postgres://u:***@h/d");
    EXPECT_EQ(origin.source, "DATABASE_URL");
  }
}

TEST_F(DirectoryTest, MindsTheDatabaseOnlyWhereItIsRead) {
  options_.environment = {{"DATABASE_URL", "mysql://u:hunter2@h/d"}};
  EXPECT_TRUE(problems().empty());
  options_.environment.emplace_back("CARILLON_AUTH_DIRECTORY", "database");
  EXPECT_THAT(problems(), ElementsAre(testing::AllOf(
                              HasSubstr("auth.database_url (DATABASE_URL): is no database URL"),
                              testing::Not(HasSubstr("hunter2")))));
  options_.environment = {{"CARILLON_AUTH_DIRECTORY", "database"}};
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("(DATABASE_URL): is not set")));
}

TEST_F(DirectoryTest, WantsTheUrlOfAnHttpDirectory) {
  write_toml("[auth]\ndirectory = 'http'\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("auth.directory_url: is not set")));
  write_toml("[auth]\ndirectory = 'http'\ndirectory_url = 'ftp://h'\n");
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("auth.directory_url: is no URL")));
  write_toml("[auth]\ndirectory = 'http'\ndirectory_url = 'http://h/user/'\n");
  EXPECT_EQ(loaded().settings.auth.directory_url, "http://h/user/");
}

TEST_F(DirectoryTest, ReadsSessionAuthentication) {
  options_.flags = {{"auth.http_url", "https://app.example.com/who/"},
                    {"auth.http_cookies", "sessionid,csrftoken"}};
  const AuthSettings auth = loaded().settings.auth;
  EXPECT_EQ(auth.http_url, "https://app.example.com/who/");
  EXPECT_THAT(auth.http_cookies, ElementsAre("sessionid", "csrftoken"));
}

TEST_F(DirectoryTest, KeepsItsNumbersInTheirBounds) {
  write_toml(
      "[auth]\ndirectory_timeout = '1ms'\ndirectory_ttl = 0\ndirectory_users_max = 1\n"
      "directory_concurrency_max = 10000\n");
  EXPECT_EQ(loaded().settings.auth.directory_ttl_s, 0U);
  write_toml(
      "[auth]\ndirectory_timeout = 0\ndirectory_ttl = '25h'\ndirectory_users_max = 0\n"
      "directory_concurrency_max = 10001\n");
  EXPECT_EQ(problems().size(), 4U);
}

TEST_F(DirectoryTest, ForwardsClientMessagesToANamedChannel) {
  EXPECT_EQ(loaded().settings.endpoints[0].forward_to, "");
  write_toml("[[endpoints]]\nname = 'dashboard'\nforward_to = 'backend'\n");
  EXPECT_EQ(loaded().settings.endpoints[0].forward_to, "backend");
  write_toml("[[endpoints]]\nname = 'dashboard'\nforward_to = ''\n");
  EXPECT_EQ(loaded().settings.endpoints[0].forward_to, "");
  write_toml("[[endpoints]]\nname = 'dashboard'\nforward_to = 'gw.x!y'\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("forward_to: 'gw.x!y' is no channel")));
}

}  // namespace
}  // namespace carillon::config
