#include "cmd/bench_credentials.h"

#include <algorithm>

#include "carillon/auth/mint.h"

namespace carillon::bench {
namespace {

// Long enough for the longest run.
constexpr int64_t kTokenLifeS = 12 * 3600;

std::string_view without_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

const config::EndpointSettings* find_endpoint(std::string_view path,
                                              const config::Settings& settings) {
  for (const auto& endpoint : settings.endpoints)
    if (without_slash(endpoint.path) == without_slash(path)) return &endpoint;
  return nullptr;
}

bool is_open_to_everyone(const config::EndpointSettings* endpoint) {
  return endpoint && std::count(endpoint->allow.begin(), endpoint->allow.end(), "authenticated");
}

}  // namespace

Result<Credentials, Error> make_credentials(const Options& options,
                                            const config::Settings& settings,
                                            int64_t now_s) {
  Credentials credentials;
  if (options.plain_upgrade) return credentials;
  auth::MintRequest request;
  request.ttl_s = kTokenLifeS;
  request.now_s = now_s;
  request.is_staff = !is_open_to_everyone(find_endpoint(options.endpoint, settings));
  if (!request.is_staff) request.role = "student";
  credentials.tokens.reserve(options.connections);
  for (uint32_t i = 0; i < options.connections; i++) {
    request.user_id = std::to_string(1'000'000 + i);
    credentials.tokens.push_back(auth::mint_token(settings.auth, request));
    if (credentials.tokens.back().empty())
      return Err(Error{"no_secret",
                       "bench signs a token for each connection: give it the server's SECRET_KEY "
                       "(and an HS algorithm), in the environment or in .env"});
  }
  if (!settings.api_keys.empty()) {
    credentials.publish_authorization = "Api-Key " + settings.api_keys.front().reveal();
  } else {
    request.user_id = "1";
    request.is_staff = true;
    credentials.publish_authorization = "Bearer " + auth::mint_token(settings.auth, request);
  }
  return credentials;
}

Result<std::string, Error> group_of(std::string_view endpoint, const config::Settings& settings) {
  const config::EndpointSettings* found = find_endpoint(endpoint, settings);
  if (found)
    for (const std::string& group : found->groups)
      if (group.find('{') == group.npos) return group;
  return Err(
      Error{"no_group",
            "the connections of --endpoint " + std::string(endpoint) +
                " share no group: give one that they join with --group, or another endpoint"});
}

}  // namespace carillon::bench
