// An address of Redis: what is read prints as one that reads the same, and neither that nor an
// error shows a control character or a password.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/redis/location.h"

namespace {

using namespace carillon;
using redis::Location;

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// `url` may be anything that cannot hold this by chance.
void check_secret(std::string_view url) {
  const std::string secret = "hunter2-hunter2";
  const size_t colon = url.find("://");
  if (colon == std::string_view::npos || url.find(secret) != std::string_view::npos) return;
  const std::string with = std::string(url.substr(0, colon + 3)) + "user:" + secret + "@" +
                           std::string(url.substr(colon + 3));
  const auto location = Location::parse(with);
  const std::string shown = location ? location->to_string() : location.error().what;
  CARILLON_ASSERT(shown.find(secret) == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view url(reinterpret_cast<const char*>(data), size);
  check_secret(url);
  const auto parsed = Location::parse(url);
  if (!parsed) {
    CARILLON_ASSERT(parsed.error().code == "bad_redis_url");
    return 0;
  }
  Location location = *parsed;
  // What is not printed.
  location.credentials.password = {};
  if (location.tls) location.tls.emplace();
  const std::string printed = location.to_string();
  CARILLON_ASSERT(is_one_line(printed));
  const auto again = Location::parse(printed);
  CARILLON_ASSERT(again && *again == location && again->to_string() == printed);
  return 0;
}
