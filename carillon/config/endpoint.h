// The [[endpoints]] tables of the file: each changes one of the five or adds another. Pure.
#pragma once

#include <string>
#include <vector>

#include "carillon/config/settings.h"
#include "carillon/config/toml_file.h"

namespace carillon::config {

struct EndpointProblem {
  std::string what;  // which key, what is wrong, what to give
  uint32_t line = 0;
};

// Applies `table` to `endpoints` and says what is wrong with the outcome; returns the index of the
// endpoint that it changed or added. With problems the endpoints are not fit for use.
size_t apply_endpoint(const FileEndpoint& table,
                      std::vector<EndpointSettings>& endpoints,
                      std::vector<EndpointProblem>& problems);

// What is wrong between the keys of one endpoint: parameters that its path does not have, rules
// that nobody knows, group names that Channels would refuse. Empty: nothing.
std::vector<std::string> endpoint_problems(const EndpointSettings& endpoint);

// Two endpoints that would answer the same paths; one line for each pair.
std::vector<std::string> path_conflicts(const std::vector<EndpointSettings>& endpoints);

}  // namespace carillon::config
