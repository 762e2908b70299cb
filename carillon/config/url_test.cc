#include "carillon/config/url.h"

#include <gtest/gtest.h>

namespace carillon::config {
namespace {

TEST(SplitUrl, FindsThePartsOfAUrl) {
  const auto parts = split_url("rediss://user:p%40ss@[::1]:6380/3?db=4&ssl_cert_reqs=none");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->scheme, "rediss");
  EXPECT_EQ(parts->user, "user");
  EXPECT_EQ(parts->password, "p%40ss");
  EXPECT_EQ(parts->host, "::1");
  EXPECT_EQ(parts->port, 6380);
  EXPECT_EQ(parts->path, "/3");
  EXPECT_EQ(parts->query, "db=4&ssl_cert_reqs=none");
}

TEST(SplitUrl, LeavesOutWhatIsNotThere) {
  const auto parts = split_url("redis://");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->host, "");
  EXPECT_EQ(parts->port, std::nullopt);
  EXPECT_EQ(split_url("redis://:pw@h")->user, "");
  EXPECT_EQ(split_url("redis://:pw@h")->password, "pw");
  EXPECT_EQ(split_url("redis://user@h")->password, "");
  EXPECT_EQ(split_url("redis://a:b:c@h")->password, "b:c");
  EXPECT_EQ(split_url("redis://a@b:c@h")->host, "h");
}

TEST(SplitUrl, RefusesWhatIsNoUrl) {
  for (const std::string_view text : {"",
                                      "memory",
                                      "redis:/h",
                                      "://h",
                                      "1redis://h",
                                      "re dis://h",
                                      "redis://h h",
                                      "redis://h\n",
                                      "redis://h:x",
                                      "redis://h:",
                                      "redis://h:0",
                                      "redis://h:65536",
                                      "redis://[::1",
                                      "redis://[]",
                                      "redis://[::1]x",
                                      "redis://[g]",
                                      "redis://h%2",
                                      "redis://h%zz",
                                      "redis://h#f",
                                      "redis://a,b",
                                      "redis://h\\x",
                                      "redis://\"h\""}) {
    EXPECT_FALSE(split_url(text)) << text;
  }
  EXPECT_TRUE(split_url("redis://h:65535"));
  EXPECT_TRUE(split_url("redis://h:1"));
}

TEST(QueryValue, IsTheFirstOfItsKey) {
  EXPECT_EQ(query_value("a=1&db=2&db=3&e", "db"), "2");
  EXPECT_EQ(query_value("a=1&e", "e"), "");
  EXPECT_EQ(query_value("adb=1", "db"), std::nullopt);
  EXPECT_EQ(query_value("", "db"), std::nullopt);
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("p@ss/?:#%\xff"), "p%40ss%2F%3F%3A%23%25%FF");
}

TEST(WithoutPassword, MasksThePassword) {
  EXPECT_EQ(without_password("redis://user:secret@h:6379/0"), "redis://user:***@h:6379/0");
  EXPECT_EQ(without_password("redis://:secret@h"), "redis://:***@h");
  EXPECT_EQ(without_password("unix://user:secret@/run/r.sock?db=1"),
            "unix://user:***@/run/r.sock?db=1");
  EXPECT_EQ(without_password("postgresql://u:se:cr@et@h/db"), "postgresql://u:***@h/db");
}

TEST(WithoutPassword, LeavesTheRestAlone) {
  for (const std::string_view text :
       {"memory", "redis://h:6379/0", "redis://user@h", "sqlite:///x.db", "127.0.0.1:8000",
        "redis://h/0?ssl_cert_reqs=none&socket_timeout=1", ""}) {
    EXPECT_EQ(without_password(text), text);
  }
}

TEST(WithoutPassword, MasksWhatTheQuerySaysOfPasswords) {
  EXPECT_EQ(without_password("postgres://h/db?user=u&password=secret&sslmode=require"),
            "postgres://h/db?user=u&password=***&sslmode=require");
  EXPECT_EQ(without_password("http://h/?API_TOKEN=secret"), "http://h/?API_TOKEN=***");
}

TEST(WithoutPassword, RatherMasksTooMuch) {
  EXPECT_EQ(without_password("postgres://u:se/cr?et@h/db"), "postgres://u:***@h/db");
  EXPECT_EQ(without_password("u:secret@h/db"), "u:***@h/db");
}

TEST(CheckRedisUrl, KnowsTheFormsOfRedisPy) {
  for (const std::string_view text :
       {"redis://", "redis://h", "redis://h:6379", "redis://h:6379/", "redis://h:6379/15",
        "redis://h/3/", "redis://:pw@h:6379/0", "rediss://user:p%2Fw@h", "redis://[::1]:6379/0",
        "unix:///run/redis.sock", "unix://user:pw@/run/redis.sock?db=2", "redis://h?db=1"}) {
    EXPECT_EQ(check_redis_url(text), "") << text;
  }
}

TEST(CheckRedisUrl, RefusesOthersWithoutQuotingThem) {
  for (const std::string_view text :
       {"memory", "http://:secret@h", "redis://:secret@h:x", "redis://:secret@h/zero",
        "redis://:secret@h/1000001", "redis://:secret@h?db=one", "unix://:secret@h/path",
        "unix://:secret@", "redis://:12/secret@h", "redis://u:1?secret@h", "redis//:secret@h"}) {
    EXPECT_NE(check_redis_url(text), "") << text;
    EXPECT_EQ(check_redis_url(text).find("secret"), std::string::npos) << text;
  }
  EXPECT_EQ(check_redis_url("unix:///" + std::string(106, 'x')), "");
  EXPECT_NE(check_redis_url("unix:///" + std::string(107, 'x')), "");
}

TEST(CheckDatabaseUrl, KnowsSqliteAndPostgres) {
  for (const std::string_view text : {"sqlite:///x.db", "sqlite:////var/x.db", "postgres://u:p@h/d",
                                      "postgresql://h:5432/d", "postgresql:///d"}) {
    EXPECT_EQ(check_database_url(text), "") << text;
  }
  for (const std::string_view text :
       {"", "sqlite://", "sqlite:///", "sqlite://x.db", "mysql://u:secret@h/d", "x.db"}) {
    EXPECT_NE(check_database_url(text), "") << text;
    EXPECT_EQ(check_database_url(text).find("secret"), std::string::npos);
  }
}

TEST(CheckHttpUrl, KnowsHttpAndHttps) {
  EXPECT_EQ(check_http_url("http://127.0.0.1:8001/who/"), "");
  EXPECT_EQ(check_http_url("https://app.example.com"), "");
  EXPECT_NE(check_http_url("ftp://h"), "");
  EXPECT_NE(check_http_url("http:///path"), "");
  EXPECT_NE(check_http_url(""), "");
  EXPECT_EQ(check_optional_http_url(""), "");
  EXPECT_NE(check_optional_http_url("h"), "");
}

}  // namespace
}  // namespace carillon::config
