// Encoding and decoding undo one another, and a query gives back what was put into it.
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/http/uri.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace carillon::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CARILLON_ASSERT(percent_decode(percent_encode(text)) == text);
  const auto decoded = percent_decode(text);
  CARILLON_ASSERT(!decoded || percent_decode(percent_encode(*decoded)) == decoded);
  CARILLON_ASSERT(decoded || text.find('%') != std::string_view::npos);

  const size_t split = text.find('\n');
  const std::string_view query = text.substr(0, split);
  const std::string_view name = split < size ? text.substr(split + 1) : "token";
  const auto value = query_param(query, name);
  CARILLON_ASSERT(!value || value->size() <= query.size());
  if (!name.empty()) {
    const std::string made = "&" + percent_encode(name) + "=" + percent_encode(query) + "&x";
    CARILLON_ASSERT(query_param(made, name) == query);
  }
  return 0;
}
