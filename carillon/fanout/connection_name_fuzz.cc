// What is read as a connection's name is written as it was.
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/fanout/connection_name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace carillon::fanout;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto name = parse_local_name(text);
  CARILLON_ASSERT(!name || to_local_name(*name) == text);
  return 0;
}
