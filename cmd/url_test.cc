#include "cmd/url.h"

#include <gtest/gtest.h>

namespace carillon::cmd {
namespace {

TEST(Url, ReadsWhatAPersonWrites) {
  EXPECT_EQ(parse_url("http://127.0.0.1:8000")->text(), "http://127.0.0.1:8000");
  EXPECT_EQ(parse_url("ws://example.com/")->text(), "http://example.com");
  EXPECT_EQ(parse_url("localhost:9000")->text(), "http://localhost:9000");
  EXPECT_EQ(parse_url("http://[::1]:8000/live/")->text(), "http://[::1]:8000/live");
  EXPECT_EQ(parse_url("http://[::1]")->authority(), "[::1]");
  EXPECT_EQ(parse_url("http://example.com:80")->authority(), "example.com");
  EXPECT_EQ(parse_url("unix:/run/c.sock")->unix_path, "/run/c.sock");
  EXPECT_EQ(parse_url("unix:/run/c.sock")->authority(), "localhost");
}

TEST(Url, RefusesWithARemedy) {
  for (const char* text :
       {"", "http://", "http://:8000", "http://a:0", "http://a:65536", "http://a:b", "http://a b",
        "http://user@host", "unix:", "http://[::1"}) {
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  }
  EXPECT_NE(parse_url("https://example.com").error().what.find("TLS is not spoken"),
            std::string::npos);
}

TEST(Url, ReachesWhatIsBoundEverywhereOnThisMachine) {
  const auto url = [](std::string_view bind) {
    return url_of(*config::parse_bind_address(bind)).text();
  };
  EXPECT_EQ(url("0.0.0.0:8000"), "http://127.0.0.1:8000");
  EXPECT_EQ(url("[::]:8000"), "http://[::1]:8000");
  EXPECT_EQ(url("10.1.2.3:8000"), "http://10.1.2.3:8000");
  EXPECT_EQ(url("unix:/run/c.sock"), "unix:/run/c.sock");
}

}  // namespace
}  // namespace carillon::cmd
