// What is selected from a Cookie field selects itself, and holds no pair that was not asked for.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/assert.h"
#include "carillon/http/cookie.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace carillon::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> names = {"sessionid", "a"};
  const std::vector<Header> headers = {{"Cookie", text}};
  const std::string selected = select_cookies(headers, names);
  CARILLON_ASSERT(selected.size() <= 2 * text.size());
  const std::vector<Header> again = {{"Cookie", selected}};
  CARILLON_ASSERT(select_cookies(again, names) == selected);
  const std::vector<std::string> others = {"b"};
  CARILLON_ASSERT(select_cookies(again, others).empty());
  return 0;
}
