#include "carillon/redis/location.h"

#include <gtest/gtest.h>

#include <sstream>

namespace carillon::redis {
namespace {

Location parsed(std::string_view url) {
  auto location = Location::parse(url);
  EXPECT_TRUE(location) << url << ": " << location.error().what;
  return location ? *location : Location{};
}

std::string error_of(std::string_view url) {
  const auto location = Location::parse(url);
  EXPECT_FALSE(location) << url;
  if (location) return "";
  EXPECT_EQ(location.error().code, "bad_redis_url");
  return location.error().what;
}

TEST(Location, TakesRedisPysDefaults) {
  for (const std::string_view url : {"redis://", "redis://localhost", "redis://localhost:6379/0",
                                     "redis://:6379", "redis:///", "redis://localhost:/0/"}) {
    const Location location = parsed(url);
    EXPECT_EQ(location, Location{}) << url;
    EXPECT_EQ(location.server.to_string(), "localhost:6379");
    EXPECT_TRUE(location.credentials.empty());
  }
}

TEST(Location, ReadsEveryPartOfAUrl) {
  const Location location = parsed("redis://gw:p%40ss%2Fw%3Ard@redis.example:7000/3");
  EXPECT_EQ(location.server, (HostPort{"redis.example", 7000}));
  EXPECT_EQ(location.database, 3u);
  EXPECT_EQ(location.credentials.username, "gw");
  EXPECT_EQ(location.credentials.password.reveal(), "p@ss/w:rd");
  EXPECT_FALSE(location.tls);
}

TEST(Location, ReadsAPasswordWithoutAUserAndAUserWithoutAPassword) {
  const Location password = parsed("redis://:secret@h");
  EXPECT_EQ(password.credentials.username, "");
  EXPECT_EQ(password.credentials.password.reveal(), "secret");
  const Location user = parsed("redis://gw@h");
  EXPECT_EQ(user.credentials.username, "gw");
  EXPECT_TRUE(user.credentials.password.empty());
  EXPECT_FALSE(user.credentials.empty());
  EXPECT_EQ(parsed("redis://a:b:c@h").credentials.password.reveal(), "b:c");
  EXPECT_EQ(parsed("redis://a:b@c@h").credentials.password.reveal(), "b@c") << "as redis-py does";
}

TEST(Location, ReadsIpv6Addresses) {
  const Location location = parsed("redis://[2001:db8::7]:7000/1");
  EXPECT_EQ(location.server, (HostPort{"2001:db8::7", 7000}));
  EXPECT_EQ(location.server.to_string(), "[2001:db8::7]:7000");
  EXPECT_EQ(parsed("redis://[::1]").server, (HostPort{"::1", 6379}));
}

TEST(Location, LetsTheDatabaseOfTheQueryBeatThePath) {
  EXPECT_EQ(parsed("redis://h/1?db=2").database, 2u);
  EXPECT_EQ(parsed("redis://h?db=2").database, 2u);
  EXPECT_EQ(parsed("redis://h/4294967295").database, 4'294'967'295u);
}

TEST(Location, ReadsPathsOfSockets) {
  const Location location = parsed("unix://gw:secret@/run/my%20redis.sock?db=5");
  EXPECT_EQ(location.unix_path, "/run/my redis.sock");
  EXPECT_EQ(location.database, 5u);
  EXPECT_EQ(location.credentials.username, "gw");
  EXPECT_EQ(location.credentials.password.reveal(), "secret");
  EXPECT_EQ(parsed("unix:///run/a@b.sock").unix_path, "/run/a@b.sock");
}

TEST(Location, ChecksTlsPeersUnlessToldNotTo) {
  EXPECT_EQ(parsed("rediss://h").tls, net::TlsOptions{});
  EXPECT_FALSE(parsed("rediss://h?ssl_cert_reqs=none").tls->verify_peer);
  EXPECT_TRUE(parsed("rediss://h?ssl_cert_reqs=optional").tls->verify_peer);
  EXPECT_TRUE(parsed("rediss://h?ssl_cert_reqs=required").tls->verify_peer);
  EXPECT_FALSE(parsed("rediss://h?ssl_check_hostname=False").tls->verify_host);
  EXPECT_TRUE(parsed("rediss://h?ssl_check_hostname=1").tls->verify_host);
  const Location files =
      parsed("rediss://h/1?ssl_ca_certs=%2Fca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem");
  EXPECT_EQ(files.tls->ca_file, "/ca.pem");
  EXPECT_EQ(files.tls->certificate_file, "/c.pem");
  EXPECT_EQ(files.tls->key_file, "/k.pem");
}

TEST(Location, TakesWhatTunesRedisPyItself) {
  EXPECT_EQ(parsed("redis://h?socket_timeout=5&max_connections=10&&protocol=3&db="),
            parsed("redis://h"));
}

TEST(Location, NamesWhatIsWrong) {
  EXPECT_NE(error_of("redis://h?databse=1").find("unknown option 'databse'"), std::string::npos);
  EXPECT_NE(error_of("rediss://h?ssl_cert_reqs=maybe").find("ssl_cert_reqs"), std::string::npos);
  EXPECT_NE(error_of("rediss://h?ssl_check_hostname=2").find("ssl_check_hostname"),
            std::string::npos);
  EXPECT_NE(error_of("redis://h?ssl_ca_certs=/ca.pem").find("rediss://"), std::string::npos);
  for (const std::string_view url :
       {"redis://h/x", "redis://h/1/2", "redis://h/-1", "redis://h?db=x", "redis://h/4294967296"}) {
    EXPECT_NE(error_of(url).find("database"), std::string::npos) << url;
  }
  for (const std::string_view url :
       {"redis://h:0", "redis://h:65536", "redis://h:x", "redis://[::1]:x", "redis://::1"}) {
    EXPECT_NE(error_of(url).find("port"), std::string::npos) << url;
  }
  EXPECT_NE(error_of("redis://[::1").find("']'"), std::string::npos);
  for (const std::string_view url :
       {"redis://[::1]x", "redis://[]", "redis://[a_b]", "redis://h%20h", "redis://h%2Fh"}) {
    EXPECT_NE(error_of(url).find("bad host"), std::string::npos) << url;
  }
  for (const std::string_view url : {"http://h", "localhost:6379", "", "redis"}) {
    EXPECT_NE(error_of(url).find("redis://, rediss:// or unix://"), std::string::npos) << url;
  }
  for (const std::string_view url : {"unix://", "unix:///", "unix://path.sock"}) {
    EXPECT_NE(error_of(url).find("unix:///path.sock"), std::string::npos) << url;
  }
  for (const std::string_view url : {"redis://h%2", "redis://%zz@h", "redis://a:%00@h", "unix:///%",
                                     "redis://h?a%=1", "redis://h?db=%"}) {
    EXPECT_NE(error_of(url).find("%-escape"), std::string::npos) << url;
  }
}

TEST(Location, NeverQuotesASecret) {
  for (const std::string_view url :
       {"redis://gw:hunter2/x@h", "redis://gw:hunter2?x@h", "redis://gw:hun?ter2@h/0?db=1",
        "redis://gw:hunter2#x@h", "redis://:hunter2%@h", "redis://gw:hunter2@h/x",
        "redis://gw:x/hunter2@h", "redis://gw:hunter2@h?x%0Ahunter2=1"}) {
    const std::string what = error_of(url);
    EXPECT_EQ(what.find("hunter2"), std::string::npos) << what;
    EXPECT_EQ(what.find("ter2"), std::string::npos) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
  }
}

TEST(Location, PrintsItselfWithoutItsPassword) {
  EXPECT_EQ(Location{}.to_string(), "redis://localhost:6379/0");
  EXPECT_EQ(parsed("rediss://g%20w:secret@h:1/2").to_string(), "rediss://g%20w:***@h:1/2");
  EXPECT_EQ(parsed("redis://:secret@[::1]").to_string(), "redis://:***@[::1]:6379/0");
  EXPECT_EQ(parsed("unix://gw:secret@/run/r.sock?db=3").to_string(),
            "unix://gw:***@/run/r.sock?db=3");
  EXPECT_EQ(parsed("unix:///run/%3Fr.sock").to_string(), "unix:///run/%3Fr.sock");
  Location sentinel = parsed("redis://:secret@ignored/4");
  sentinel.sentinel = SentinelGroup{
      {{"one", 26379}, {"::2", 26380}}, "mymaster", {"watcher", Secret("other secret")}};
  EXPECT_EQ(sentinel.to_string(), "redis+sentinel://:***@one:26379,[::2]:26380/mymaster/4");
}

}  // namespace
}  // namespace carillon::redis
