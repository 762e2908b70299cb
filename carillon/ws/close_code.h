// Why a connection ends: RFC 6455 §7.4 and the server's own codes, in one table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace carillon::ws {

enum class CloseCode : uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocol = 1002,
  kNotText = 1003,
  kNoStatus = 1005,  // stands for a close frame without a code; never on the wire
  kBadUtf8 = 1007,
  kTooLarge = 1009,
  kInternal = 1011,
  kRestart = 1012,
  kOverloaded = 1013,
  kBadRequest = 4400,
  kUnauthenticated = 4401,
  kForbidden = 4403,
  kNotFound = 4404,
  kUnsupportedVersion = 4406,
  kTimeout = 4408,
  kReplaced = 4409,
  kRevoked = 4410,
  kRateLimited = 4429,
  kSlowConsumer = 4430,
  kStateInvalidated = 4440,
  kResumeRequired = 4450,
};

// One row of the table that clients and documentation are generated from.
struct CloseCodeEntry {
  CloseCode code;
  std::string_view slug;
  std::string_view meaning;
  std::string_view client_action;
  bool fatal;                        // the client stops until a person acts
  bool fatal_after_retry = false;    // fatal, but one retry is due first
  std::string_view other_slug = {};  // a second slug of the same code
};

// Every code the server sends, in ascending order. Lives as long as the process.
std::span<const CloseCodeEntry> close_codes() noexcept;

// "slow_consumer" and so on; also the reason text of the close frame.
std::string_view slug(CloseCode code) noexcept;

// Whether a peer may put `code` into a close frame (§7.4.1, §7.4.2 and the IANA registry): not
// below 1000, not 1004, 1005, 1006, 1015, not 1016 to 2999, not above 4999.
constexpr bool is_legal_on_wire(uint16_t code) noexcept {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}

}  // namespace carillon::ws
