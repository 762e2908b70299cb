#include "carillon/config/checks.h"

#include <gtest/gtest.h>

#include "carillon/config/bind_address.h"
#include "carillon/config/nearest.h"
#include "carillon/config/secret_strength.h"

namespace carillon::config {
namespace {

TEST(BindAddress, ReadsItsThreeForms) {
  const auto v4 = parse_bind_address("0.0.0.0:8000");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host, "0.0.0.0");
  EXPECT_EQ(v4->port, 8000);
  EXPECT_FALSE(v4->is_loopback());
  const auto v6 = parse_bind_address("[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_TRUE(v6->is_loopback());
  const auto local = parse_bind_address("unix:/run/carillon.sock");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->unix_path, "/run/carillon.sock");
  EXPECT_FALSE(local->is_loopback());
  EXPECT_TRUE(parse_bind_address("localhost:65535")->is_loopback());
  EXPECT_TRUE(parse_bind_address("127.9.9.9:1")->is_loopback());
}

TEST(BindAddress, RefusesEverythingElse) {
  for (const char* text :
       {"", ":8000", "8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "[::1]",
        "[127.0.0.1]:80", "example.com:80", "unix:", "1.2.3:80", "127.0.0.1:80 "}) {
    EXPECT_FALSE(parse_bind_address(text)) << text;
  }
  EXPECT_TRUE(parse_bind_address("unix:" + std::string(107, 'a')));
  EXPECT_FALSE(parse_bind_address("unix:" + std::string(108, 'a')));
}

TEST(HostPattern, TakesWhatDjangoTakes) {
  for (const char* text : {"*", "example.com", ".example.com", "127.0.0.1", "[::1]", "localhost"}) {
    EXPECT_EQ(check_host_pattern(text), "") << text;
  }
  for (const char* text :
       {"", ".", "https://example.com", "example.com:8000", "example.com/", "[x]"}) {
    EXPECT_NE(check_host_pattern(text), "") << text;
  }
}

TEST(OriginCheck, TakesWhatABrowserSends) {
  for (const char* text : {"https://app.example.com", "http://localhost:5173", "https://[::1]:8443",
                           "https://[::1]"}) {
    EXPECT_EQ(check_origin(text), "") << text;
  }
  for (const char* text : {"", "*", "null", "app.example.com", "https://",
                           "https://app.example.com/", "https://a b", "https://a:port", "://a"}) {
    EXPECT_NE(check_origin(text), "") << text;
  }
}

TEST(EndpointPath, TakesWholeSegmentsAsParameters) {
  for (const char* text : {"/ws/course/{id}/", "/ws/{a}/{b}", "/live"}) {
    EXPECT_EQ(check_endpoint_path(text), "") << text;
  }
  for (const char* text :
       {"", "/", "ws/x", "/ws//x", "/ws/{id}{x}", "/ws/a{id}", "/ws/{Id}", "/ws/{}",
        "/ws/{id}/{id}", "/ws/a b", "/api/x", "/healthz", "/metrics/"}) {
    EXPECT_NE(check_endpoint_path(text), "") << text;
  }
}

TEST(EventTypeCheck, KeepsTheServersOwnNamespaces) {
  EXPECT_EQ(check_event_type("grade.received"), "");
  for (const char* text : {"", "_x", ".x", "websocket.close", "carillon.x"}) {
    EXPECT_NE(check_event_type(text), "") << text;
  }
}

TEST(ChannelNameCheck, TakesTheNamesOfSharedChannels) {
  for (const std::string& text :
       {std::string(), std::string("backend"), std::string("a.B-c_9"), std::string(99, 'x')}) {
    EXPECT_EQ(check_channel_name(text), "") << text;
  }
  for (const std::string& text : {std::string("of.a.process!x"), std::string("a b"),
                                  std::string("a/b"), std::string(100, 'x')}) {
    EXPECT_NE(check_channel_name(text), "") << text;
  }
}

TEST(SecretStrength, KnowsAWeakOne) {
  EXPECT_EQ(secret_weakness("short"), "is shorter than 32 bytes");
  EXPECT_EQ(secret_weakness("0123456789abcdefghijklmnopqrstu"), "is shorter than 32 bytes");
  EXPECT_EQ(secret_weakness("0123456789abcdefghijklmnopqrstuv"), "");
  EXPECT_EQ(secret_weakness("django-insecure-k3v9x2m8q1w7e5r4t6y0"), "is a well-known example");
  EXPECT_EQ(secret_weakness("Change-Me-Please-0123456789abcdefghij"), "is a well-known example");
  EXPECT_EQ(secret_weakness(std::string(64, 'a')), "repeats a few characters");
}

TEST(Nearest, FindsTypingMistakesAndMissingSections) {
  const std::string known[] = {"bind", "workers", "limits.ping_interval", "limits.ping_timeout"};
  EXPECT_EQ(nearest("wrokers", known), "workers");
  EXPECT_EQ(nearest("limits.ping_intervall", known), "limits.ping_interval");
  EXPECT_EQ(nearest("ping_timeout", known), "limits.ping_timeout");
  EXPECT_EQ(nearest("limit.ping_timeout", known), "limits.ping_timeout");
  EXPECT_EQ(nearest("zzzzzzzz", known), "");
  EXPECT_EQ(nearest(std::string(1'000, 'b'), known), "");
}

TEST(Nearest, CountsASwapOnce) {
  EXPECT_EQ(edit_distance("abcd", "abdc"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

}  // namespace
}  // namespace carillon::config
