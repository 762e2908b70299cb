// .env files: nothing that is parsed may crash, and lines are counted within the text.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "carillon/config/env_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<uint32_t>(std::ranges::count(text, '\n')) + 1;
  const carillon::config::EnvFile file = carillon::config::parse_env_file(text);
  for (const auto& entry : file.entries) {
    if (entry.name.empty() || entry.line == 0 || entry.line > lines) std::abort();
  }
  for (const auto& problem : file.problems) {
    if (problem.line == 0 || problem.line > lines) std::abort();
  }
  return 0;
}
