// What is deflated inflates to itself; bytes that are not deflate do no harm and stay in bounds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "carillon/base/assert.h"
#include "carillon/ws/bounded_append.h"
#include "carillon/ws/deflate.h"

namespace {

using namespace carillon;
using namespace carillon::ws;

void check_round_trip(std::string_view text, int window_bits, size_t times) {
  static Deflater deflater;
  static Inflater inflater;
  std::string message;
  constexpr size_t kMessageBytes = 1 << 17;  // beyond every window, and fast
  for (size_t i = 0; i < times && message.size() < kMessageBytes; ++i) message += text;
  const std::string compressed = deflater.deflate(message, window_bits);
  CARILLON_ASSERT(deflater.deflate(message, window_bits) == compressed);
  std::string out;
  CARILLON_ASSERT(inflater.inflate(compressed, message.size(), out).has_value());
  CARILLON_ASSERT(out == message);
  if (message.empty()) return;
  const auto too_large = inflater.inflate(compressed, message.size() - 1, out);
  CARILLON_ASSERT(!too_large && too_large.error() == InflateError::kTooLarge);
}

void check_hostile(std::string_view bytes, size_t bytes_max) {
  static Inflater inflater;
  std::string out = "left over";
  const auto done = inflater.inflate(bytes, bytes_max, out);
  CARILLON_ASSERT(out.size() <= bytes_max &&
                  out.capacity() <= std::max(bytes_max, kSmallCapacityMax));
  // A used one behaves as a new one does.
  Inflater fresh;
  Inflater moved = std::move(fresh);
  std::string again;
  const auto second = moved.inflate(bytes, bytes_max, again);
  CARILLON_ASSERT(done.has_value() == second.has_value());
  if (!done) return CARILLON_ASSERT(done.error() == second.error());
  CARILLON_ASSERT(again == out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  if ((data[0] & 1) != 0) {
    check_round_trip(bytes, kWindowBitsMin + data[0] / 2 % 7, size_t{data[1]} + 1);
  } else {
    check_hostile(bytes, size_t{data[1]} << (data[0] % 16));
  }
  return 0;
}
