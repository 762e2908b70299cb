// However a chunked body arrives, it decodes to the same; and what a chunked body is made of comes
// out again.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/http/chunked_decoder.h"

namespace {

using namespace carillon::http;

constexpr size_t kBodyBytesMax = 300;

struct Outcome {
  std::string body;
  size_t taken = 0;
  bool is_done = false;
  std::optional<HttpError> error;
};

Outcome decode(std::string_view bytes, size_t step) {
  ChunkedDecoder decoder;
  Outcome outcome;
  while (outcome.taken < bytes.size() && !decoder.is_done()) {
    const auto piece = bytes.substr(outcome.taken, step);
    const auto taken = decoder.feed(piece, outcome.body, kBodyBytesMax);
    if (!taken) {
      outcome.error = taken.error();
      return outcome;
    }
    CARILLON_ASSERT(*taken == piece.size() || decoder.is_done());
    outcome.taken += *taken;
  }
  outcome.is_done = decoder.is_done();
  return outcome;
}

// `data` in chunks of at most `chunk` bytes.
std::string encode(std::string_view data, size_t chunk) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string bytes;
  for (; !data.empty(); data.remove_prefix(std::min(chunk, data.size()))) {
    const std::string_view piece = data.substr(0, chunk);
    bytes += {kDigits[piece.size() >> 4 & 15], kDigits[piece.size() & 15]};
    bytes.append("\r\n").append(piece).append("\r\n");
  }
  return bytes + "0\r\n\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = 1 + data[0] % 32;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  const Outcome whole = decode(bytes, bytes.size());
  for (const size_t each : {size_t{1}, step}) {
    const Outcome pieces = decode(bytes, each);
    CARILLON_ASSERT(pieces.error == whole.error && pieces.is_done == whole.is_done);
    CARILLON_ASSERT(pieces.body == whole.body);
    CARILLON_ASSERT(whole.error || pieces.taken == whole.taken);
  }
  CARILLON_ASSERT(!whole.error || !explain(*whole.error).empty());
  CARILLON_ASSERT(!whole.error || status_for(*whole.error) >= 400);
  CARILLON_ASSERT(whole.body.size() <= kBodyBytesMax);

  const std::string_view body = bytes.substr(0, kBodyBytesMax);
  const Outcome again = decode(encode(body, step * 3), step);
  CARILLON_ASSERT(again.is_done && again.body == body);
  return 0;
}
