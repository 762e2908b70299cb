#include "carillon/net/resolver.h"

#include <gtest/gtest.h>

#include <optional>

#include "carillon/net/running_loop_test.h"

namespace carillon::net {
namespace {

using Outcome = std::optional<Result<Addresses, Error>>;

class ResolverTest : public testing::Test {
 protected:
  [[nodiscard]] Resolving resolve(const std::string& host, Outcome& outcome) {
    return resolver_.resolve(loop_.loop(), host, 6379,
                             [&](Result<Addresses, Error> result) { outcome = std::move(result); });
  }

  RunningLoop loop_;
  Resolver resolver_;
};

TEST_F(ResolverTest, TakesAddressesForWhatTheyAre) {
  for (const auto& [host, expected] :
       {std::pair("192.0.2.7", "192.0.2.7:6379"), std::pair("2001:db8::7", "[2001:db8::7]:6379")}) {
    Outcome outcome;
    const Resolving resolving = resolve(host, outcome);
    EXPECT_FALSE(outcome) << "the answer comes in a later turn";
    ASSERT_TRUE(loop_.run_until([&] { return outcome.has_value(); }));
    ASSERT_TRUE(*outcome);
    ASSERT_EQ((*outcome)->size(), 1u);
    EXPECT_EQ((**outcome)[0].to_string(), expected);
  }
}

TEST_F(ResolverTest, AsksTheSystemForNames) {
  Outcome outcome;
  const Resolving resolving = resolve("localhost", outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.has_value(); }));
  ASSERT_TRUE(*outcome);
  for (const Address& address : **outcome) {
    EXPECT_TRUE(address.is_loopback());
    EXPECT_EQ(address.port(), 6379);
  }
}

TEST_F(ResolverTest, SaysWhichNameDoesNotResolve) {
  Outcome outcome;
  const Resolving resolving = resolve("no such host.invalid", outcome);
  ASSERT_TRUE(loop_.run_until([&] { return outcome.has_value(); }));
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, "name_unknown");
  EXPECT_NE(outcome->error().what.find("'no such host.invalid'"), std::string::npos);
}

TEST_F(ResolverTest, DropsTheAnswerThatNobodyWaitsFor) {
  Outcome dropped;
  Outcome replaced;
  Outcome wanted;
  (void)resolve("192.0.2.7", dropped);
  Resolving resolving = resolve("192.0.2.8", replaced);
  resolving = resolve("192.0.2.9", wanted);
  ASSERT_TRUE(loop_.run_until([&] { return wanted.has_value(); }));
  EXPECT_FALSE(dropped);
  EXPECT_FALSE(replaced);
}

TEST_F(ResolverTest, MayBeAskedAgainByAnAnswer) {
  Outcome second;
  Resolving resolving;
  resolving = resolver_.resolve(loop_.loop(), "192.0.2.7", 1, [&](const Result<Addresses, Error>&) {
    resolving = resolve("192.0.2.8", second);
  });
  ASSERT_TRUE(loop_.run_until([&] { return second.has_value(); }));
  EXPECT_EQ((**second)[0].to_string(), "192.0.2.8:6379");
}

}  // namespace
}  // namespace carillon::net
