#include "carillon/auth/allowed_hosts.h"

#include <gtest/gtest.h>

namespace carillon::auth {
namespace {

TEST(AllowedHosts, MatchesANameExactly) {
  const AllowedHosts hosts({"Example.com", "10.0.0.1", "[::1]"});
  for (const char* host : {"example.com", "EXAMPLE.COM", "example.com:8000", "example.com.",
                           "example.com.:80", "10.0.0.1:1", "[::1]", "[::1]:8000"}) {
    EXPECT_TRUE(hosts.allows(host)) << host;
  }
  for (const char* host : {"www.example.com", "example.org", "example.com..", "xexample.com",
                           "10.0.0.2", "[::2]", "::1", "localhost"}) {
    EXPECT_FALSE(hosts.allows(host)) << host;
  }
}

TEST(AllowedHosts, ALeadingDotMatchesTheNameAndAllBelow) {
  const AllowedHosts hosts({".example.com"});
  for (const char* host : {"example.com", "www.example.com", "a.b.example.com:443"}) {
    EXPECT_TRUE(hosts.allows(host)) << host;
  }
  for (const char* host : {"badexample.com", "example.com.evil.com", "com"}) {
    EXPECT_FALSE(hosts.allows(host)) << host;
  }
}

TEST(AllowedHosts, AStarMatchesEveryWellFormedHost) {
  const AllowedHosts hosts({"*"});
  EXPECT_TRUE(hosts.allows("anything.at.all:1"));
  EXPECT_TRUE(hosts.allows("[fe80::1.2.3.4]"));
  for (const char* host : {"", ".", ":80", "example.com:", "example.com:80a", "example.com:80:80",
                           "exa mple.com", "user@example.com", "example.com/", "ex_ample.com",
                           "[::1", "::1]", "[]", "[:]", "[1.2:3]", "[::1]x", "[::g]",
                           "b\xc3\xbc"
                           "cher.example"}) {
    EXPECT_FALSE(hosts.allows(host)) << host;
  }
}

TEST(AllowedHosts, AStarInsideAPatternMeansNothing) {
  EXPECT_FALSE(AllowedHosts({"*.example.com"}).allows("www.example.com"));
}

TEST(AllowedHosts, NoPatternAllowsNothing) {
  EXPECT_FALSE(AllowedHosts({}).allows("localhost"));
  EXPECT_FALSE(AllowedHosts({""}).allows("localhost"));
}

TEST(AllowedHosts, LoopbackIsDjangosDefault) {
  const AllowedHosts hosts = AllowedHosts::loopback();
  for (const char* host : {"localhost", "app.localhost:8000", "127.0.0.1:8000", "[::1]:8000"}) {
    EXPECT_TRUE(hosts.allows(host)) << host;
  }
  for (const char* host : {"127.0.0.2", "example.com", "localhost.example.com"}) {
    EXPECT_FALSE(hosts.allows(host)) << host;
  }
}

}  // namespace
}  // namespace carillon::auth
