// The numbered, time-stamped events that the bench publishes, and how a member reads them back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::bench {

// What an event carries: its place in the order, and when it should have been sent.
struct Stamp {
  uint32_t sequence = 0;
  uint64_t sent_ns = 0;  // monotonic
};

// Monotonic nanoseconds, the same clock in every thread.
uint64_t now_ns() noexcept;

// An event of exactly `bytes` bytes of JSON (never under kEventBytesMin), stamped with zeros.
std::string make_event(size_t bytes);

// The smallest event: one without padding.
inline constexpr uint32_t kEventBytesMin = 68;

// Overwrites the stamp of an event that make_event() made; `event` points to its first byte.
void write_stamp(char* event, const Stamp& stamp) noexcept;

// The stamp of a frame that carries an event of make_event(); empty for any other frame.
std::optional<Stamp> read_stamp(std::string_view payload) noexcept;

// The client's ping with `sent_ns` as its timestamp, and the reading of the pong (or, from a peer
// that only echoes, of the ping) that comes back.
std::string make_ping(uint64_t sent_ns);
std::optional<uint64_t> read_pong(std::string_view payload) noexcept;

}  // namespace carillon::bench
