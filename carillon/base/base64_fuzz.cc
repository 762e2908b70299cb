// Both alphabets: what is encoded comes back, and what decodes is exactly what would be encoded.
#include <cstddef>
#include <cstdint>

#include "carillon/base/assert.h"
#include "carillon/base/base64.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace carillon;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CARILLON_ASSERT(base64_decode(base64_encode(as_bytes(text))) == text);
  CARILLON_ASSERT(base64url_decode(base64url_encode(as_bytes(text))) == text);
  if (const auto bytes = base64_decode(text)) {
    CARILLON_ASSERT(base64_encode(as_bytes(*bytes)) == text);
  }
  if (const auto bytes = base64url_decode(text)) {
    CARILLON_ASSERT(base64url_encode(as_bytes(*bytes)) == text);
  }
  return 0;
}
