// carillon.toml down to its endpoints: whatever it holds, an endpoint without problems is complete.
#include <cstdlib>
#include <string_view>

#include "carillon/config/endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = carillon::config::parse_toml_file({reinterpret_cast<const char*>(data), size});
  if (!file) return 0;
  for (const auto& table : file->endpoints) {
    auto endpoints = carillon::config::default_endpoints();
    std::vector<carillon::config::EndpointProblem> problems;
    const size_t index = carillon::config::apply_endpoint(table, endpoints, problems);
    const auto& endpoint = endpoints.at(index);
    if (problems.empty() &&
        (endpoint.name.empty() || !endpoint.path.starts_with('/') || endpoint.allow.empty())) {
      std::abort();
    }
  }
  return 0;
}
