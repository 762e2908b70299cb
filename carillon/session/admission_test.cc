#include "carillon/session/admission.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <atomic>
#include <thread>
#include <vector>

namespace carillon::session {
namespace {

using Outcome = Admission::Outcome;
using UserOutcome = Admission::UserOutcome;

sockaddr_storage ipv4(const char* text, uint16_t port = 1) {
  sockaddr_storage storage{};
  auto& in = reinterpret_cast<sockaddr_in&>(storage);
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET, text, &in.sin_addr), 1);
  return storage;
}

sockaddr_storage ipv6(const char* text) {
  sockaddr_storage storage{};
  auto& in6 = reinterpret_cast<sockaddr_in6&>(storage);
  in6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
  return storage;
}

ConnectionRef connection(uint32_t number) {
  return {.worker = 0, .id = {.slot = number}};
}

AdmissionLimits limits(uint32_t total, uint32_t per_address, uint32_t per_user) {
  return {total, per_address, per_user};
}

TEST(Admission, AdmitsJustTheTotal) {
  Admission admission(limits(3, 0, 64));
  const auto address = ipv4("10.0.0.1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admission.enter(address), Outcome::kAdmitted);
  EXPECT_EQ(admission.enter(address), Outcome::kFull);
  EXPECT_EQ(admission.connection_count(), 3u);
  admission.leave(address);
  EXPECT_EQ(admission.enter(address), Outcome::kAdmitted);
}

TEST(Admission, AdmitsJustTheLimitOfAnAddressOnAnyPort) {
  Admission admission(limits(100, 2, 64));
  EXPECT_EQ(admission.enter(ipv4("10.0.0.1", 1)), Outcome::kAdmitted);
  EXPECT_EQ(admission.enter(ipv4("10.0.0.1", 2)), Outcome::kAdmitted);
  EXPECT_EQ(admission.enter(ipv4("10.0.0.1", 3)), Outcome::kAddressFull);
  EXPECT_EQ(admission.enter(ipv4("10.0.0.2", 1)), Outcome::kAdmitted);
  EXPECT_EQ(admission.connection_count(), 3u) << "a refused connection takes no place";
  admission.leave(ipv4("10.0.0.1", 1));
  EXPECT_EQ(admission.enter(ipv4("10.0.0.1", 3)), Outcome::kAdmitted);
}

TEST(Admission, CountsAnIpv6NetworkAsOneAddress) {
  Admission admission(limits(100, 1, 64));
  EXPECT_EQ(admission.enter(ipv6("2001:db8:0:1::1")), Outcome::kAdmitted);
  EXPECT_EQ(admission.enter(ipv6("2001:db8:0:1:ffff::2")), Outcome::kAddressFull);
  EXPECT_EQ(admission.enter(ipv6("2001:db8:0:2::1")), Outcome::kAdmitted);
}

TEST(Admission, CountsUnixPeersAsOneAddress) {
  Admission admission(limits(100, 1, 64));
  sockaddr_storage peer{};
  peer.ss_family = AF_UNIX;
  EXPECT_EQ(admission.enter(peer), Outcome::kAdmitted);
  EXPECT_EQ(admission.enter(peer), Outcome::kAddressFull);
}

TEST(Admission, ReplacesTheOldestOfAUser) {
  Admission admission(limits(100, 0, 3));
  for (uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(admission.enter_user("7", connection(i)).outcome, UserOutcome::kAdmitted);
  }
  for (uint32_t i = 3; i < 10; ++i) {
    const auto entry = admission.enter_user("7", connection(i));
    EXPECT_EQ(entry.outcome, UserOutcome::kReplaced);
    EXPECT_EQ(entry.replaced, connection(i - 3));
    admission.leave_user("7", entry.replaced);  // as its session does when it ends
  }
  EXPECT_EQ(admission.enter_user("8", connection(99)).outcome, UserOutcome::kAdmitted);
}

TEST(Admission, RefusesAUsersConnectionTooMany) {
  AdmissionLimits refusing = limits(100, 0, 2);
  refusing.replaces_oldest = false;
  Admission admission(refusing);
  EXPECT_EQ(admission.enter_user("7", connection(0)).outcome, UserOutcome::kAdmitted);
  EXPECT_EQ(admission.enter_user("7", connection(1)).outcome, UserOutcome::kAdmitted);
  EXPECT_EQ(admission.enter_user("7", connection(2)).outcome, UserOutcome::kRefused);
  admission.leave_user("7", connection(0));
  EXPECT_EQ(admission.enter_user("7", connection(3)).outcome, UserOutcome::kAdmitted);
  EXPECT_EQ(admission.enter_user("7", connection(4)).outcome, UserOutcome::kRefused);
}

TEST(Admission, FreesTheOnlyPlaceOfAUserWhoWasRefusedAnother) {
  AdmissionLimits refusing = limits(100, 0, 1);
  refusing.replaces_oldest = false;
  Admission admission(refusing);
  EXPECT_EQ(admission.enter_user("7", connection(0)).outcome, UserOutcome::kAdmitted);
  EXPECT_EQ(admission.enter_user("7", connection(1)).outcome, UserOutcome::kRefused);
  admission.leave_user("7", connection(0));
  EXPECT_EQ(admission.enter_user("7", connection(2)).outcome, UserOutcome::kAdmitted);
}

TEST(Admission, LetsTheNewerOfOnePlaceLeaveBeforeTheReplaced) {
  Admission admission(limits(100, 0, 1));
  EXPECT_EQ(admission.enter_user("7", connection(0)).outcome, UserOutcome::kAdmitted);
  EXPECT_EQ(admission.enter_user("7", connection(1)).outcome, UserOutcome::kReplaced);
  admission.leave_user("7", connection(1));
  admission.leave_user("7", connection(0));
  EXPECT_EQ(admission.enter_user("7", connection(2)).outcome, UserOutcome::kAdmitted);
}

TEST(Admission, LeavesInAnyOrderAndOnlyOnce) {
  Admission admission(limits(100, 0, 3));
  for (uint32_t i = 0; i < 3; ++i) (void)admission.enter_user("7", connection(i));
  admission.leave_user("7", connection(1));
  admission.leave_user("7", connection(1));
  admission.leave_user("nobody", connection(1));
  EXPECT_EQ(admission.enter_user("7", connection(3)).outcome, UserOutcome::kAdmitted);
  admission.leave_user("7", connection(0));
  EXPECT_EQ(admission.enter_user("7", connection(4)).outcome, UserOutcome::kAdmitted);
  const auto entry = admission.enter_user("7", connection(5));
  EXPECT_EQ(entry.outcome, UserOutcome::kReplaced);
  EXPECT_EQ(entry.replaced, connection(2)) << "the oldest that is left";
}

TEST(Admission, NeverAdmitsMoreThanTheTotalFromManyThreads) {
  Admission admission(limits(50, 30, 64));
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, address = ipv4(i % 2 == 0 ? "10.0.0.1" : "10.0.0.2")] {
      for (int round = 0; round < 100; ++round) {
        if (admission.enter(address) == Outcome::kAdmitted) ++admitted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(admitted, 50);
  EXPECT_EQ(admission.connection_count(), static_cast<uint32_t>(admitted));
}

}  // namespace
}  // namespace carillon::session
