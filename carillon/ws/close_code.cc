#include "carillon/ws/close_code.h"

namespace carillon::ws {
namespace {

constexpr std::string_view kBrokenProtocol = "the client broke the protocol";
constexpr std::string_view kRetryOnce = "one retry, then stop and report";

constexpr CloseCodeEntry kCloseCodes[] = {
    {CloseCode::kNormal, "normal", "asked for", "stop", false},
    {CloseCode::kGoingAway, "going_away", "node leaving", "reconnect, jitter ≤ 5 s", false},
    {CloseCode::kProtocol, "protocol", kBrokenProtocol, kRetryOnce, true, true},
    {CloseCode::kNotText, "not_text", kBrokenProtocol, kRetryOnce, true, true},
    {CloseCode::kBadUtf8, "bad_utf8", kBrokenProtocol, kRetryOnce, true, true},
    {CloseCode::kTooLarge, "too_large", "message over the limit", "reconnect, drop that message",
     false},
    {CloseCode::kInternal, "internal", "server fault", "back off from 2 s", false},
    {CloseCode::kRestart, "restart", "restarting or draining",
     "at a random moment within `retry_after_ms` (default 10 s)", false},
    {CloseCode::kOverloaded, "overloaded", "over a limit of the server", "back off from 5 s",
     false},
    {CloseCode::kBadRequest, "bad_request", "malformed beyond repair", "stop", true},
    {CloseCode::kUnauthenticated, "unauthenticated", "no valid token",
     "refresh, retry at once; again within 10 s: signed out", true, true, "token_expired"},
    {CloseCode::kForbidden, "forbidden", "valid user, wrong role or id",
     "stop until role or token changes", true},
    {CloseCode::kNotFound, "not_found", "no such endpoint or id", "stop", true},
    {CloseCode::kUnsupportedVersion, "unsupported_version", "no common subprotocol", "reload",
     true},
    {CloseCode::kTimeout, "timeout", "no pong, or no token in time", "reconnect", false},
    {CloseCode::kReplaced, "replaced", "the user's connection limit; a newer one took the place",
     "stop, offer \"use here\"", true},
    {CloseCode::kRevoked, "revoked", "logged out elsewhere, disabled", "sign in again", true},
    {CloseCode::kRateLimited, "rate_limited", "too many messages", "wait `retry_after_ms` (≥ 5 s)",
     false},
    {CloseCode::kSlowConsumer, "slow_consumer", "send queue overflowed",
     "reconnect in 1–5 s and resume", false},
    {CloseCode::kStateInvalidated, "state_invalidated", "rights changed", "new token, resubscribe",
     false},
    {CloseCode::kResumeRequired, "resume_required", "the server found a gap",
     "reconnect at once with positions", false},
};

}  // namespace

std::span<const CloseCodeEntry> close_codes() noexcept {
  return kCloseCodes;
}

std::string_view slug(CloseCode code) noexcept {
  for (const CloseCodeEntry& entry : kCloseCodes) {
    if (entry.code == code) return entry.slug;
  }
  return "no_status";
}

}  // namespace carillon::ws
