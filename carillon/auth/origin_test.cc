#include "carillon/auth/origin.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

TEST(Origin, HasSchemeHostAndPort) {
  const auto origin = parse_origin("HTTPS://Example.COM:8443");
  ASSERT_TRUE(origin.has_value());
  EXPECT_EQ(origin->scheme, "https");
  EXPECT_EQ(origin->host, "example.com");
  EXPECT_EQ(origin->port, 8443);
  EXPECT_EQ(parse_origin("http://a")->port, 80);
  EXPECT_EQ(parse_origin("https://a")->port, 443);
  EXPECT_EQ(parse_origin("https://[::1]:8000")->host, "[::1]");
  EXPECT_EQ(parse_origin("capacitor://localhost")->port, 0);
}

TEST(Origin, RefusesNullAndMalformedOnes) {
  for (const char* text : {"",
                           "null",
                           "example.com",
                           "//example.com",
                           "://example.com",
                           "http://",
                           "http:example.com",
                           "http://example.com/",
                           "http://example.com/page",
                           "http://example.com?",
                           "http://example.com#",
                           "http://user@example.com",
                           "http://example.com:",
                           "http://example.com:0",
                           "http://example.com:65536",
                           "http://example.com:8o",
                           "http://example.com:80:80",
                           "http://exa mple.com",
                           " http://example.com",
                           "http://example.com ",
                           "http://a.com http://b.com",
                           "http://a.com,http://b.com",
                           "1http://example.com",
                           "ht tp://example.com",
                           "http://[::1",
                           "http://::1",
                           "http://ex\xc3\xa4mple.com",
                           "file://"}) {
    EXPECT_EQ(parse_origin(text), std::nullopt) << text;
  }
  EXPECT_TRUE(parse_origin("http://example.com:65535").has_value());
  EXPECT_TRUE(parse_origin("http://example.com:1").has_value());
}

TEST(OriginPolicy, AllowsItsOwnHostAndPort) {
  const OriginPolicy policy({});
  EXPECT_TRUE(policy.allows("http://example.com:8000", "example.com:8000"));
  EXPECT_TRUE(policy.allows("http://EXAMPLE.com:8000", "example.COM:8000"));
  EXPECT_TRUE(policy.allows("http://[::1]:8000", "[::1]:8000"));
  EXPECT_TRUE(policy.allows("http://example.com", "example.com"));
  EXPECT_TRUE(policy.allows("https://example.com", "example.com"));
  EXPECT_TRUE(policy.allows("https://example.com", "example.com:443"));
  EXPECT_TRUE(policy.allows("http://example.com:80", "example.com"));
}

TEST(OriginPolicy, RefusesAnotherHostOrPort) {
  const OriginPolicy policy({});
  EXPECT_FALSE(policy.allows("http://example.com:8001", "example.com:8000"));
  EXPECT_FALSE(policy.allows("http://example.com", "example.com:8000"));
  EXPECT_FALSE(policy.allows("http://example.com:8000", "example.com"));
  EXPECT_FALSE(policy.allows("http://evil.com", "example.com"));
  EXPECT_FALSE(policy.allows("http://example.com.evil.com", "example.com"));
  EXPECT_FALSE(policy.allows("http://sub.example.com", "example.com"));
  EXPECT_FALSE(policy.allows("http://localhost:8000", "127.0.0.1:8000"));
  EXPECT_FALSE(policy.allows("https://example.com", "example.com:80"));
  EXPECT_FALSE(policy.allows("null", "example.com"));
  EXPECT_FALSE(policy.allows("", "example.com"));
  EXPECT_FALSE(policy.allows("http://example.com", ""));
  EXPECT_FALSE(policy.allows("capacitor://example.com", "example.com"));
}

TEST(OriginPolicy, AllowsListedOnes) {
  const OriginPolicy policy({"https://app.example.com", "http://localhost:5173",
                             "capacitor://localhost", "null", "https://slash.example.com/"});
  EXPECT_TRUE(policy.allows("https://app.example.com", "api.example.com"));
  EXPECT_TRUE(policy.allows("https://app.example.com:443", "api.example.com"));
  EXPECT_TRUE(policy.allows("http://localhost:5173", "localhost:8000"));
  EXPECT_TRUE(policy.allows("capacitor://localhost", "api.example.com"));
  EXPECT_FALSE(policy.allows("http://app.example.com", "api.example.com"));
  EXPECT_FALSE(policy.allows("https://app.example.com:8443", "api.example.com"));
  EXPECT_FALSE(policy.allows("http://localhost", "api.example.com"));
  EXPECT_FALSE(policy.allows("null", "api.example.com"));
  EXPECT_FALSE(policy.allows("https://slash.example.com", "api.example.com"));
}

TEST(OriginPolicy, ListedIsNotTheSameAsOwn) {
  const OriginPolicy policy({"https://app.example.com"});
  EXPECT_TRUE(policy.is_listed("https://APP.example.com"));
  EXPECT_FALSE(policy.is_listed("https://api.example.com"));
  EXPECT_FALSE(policy.is_listed("null"));
}

}  // namespace
}  // namespace carillon::auth
