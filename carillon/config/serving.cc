// What is legal as a setting but not for serving.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "carillon/config/bind_address.h"
#include "carillon/config/load.h"
#include "carillon/config/secret_strength.h"

namespace carillon::config {
namespace {

bool is_beyond_loopback(const std::string& text) {
  const auto address = parse_bind_address(text);
  return address && !address->is_loopback();
}

bool uses_shared_secret(const AuthSettings& auth) {
  return std::ranges::any_of(auth.algorithms,
                             [](const std::string& name) { return name.starts_with("HS"); });
}

bool uses_public_key(const AuthSettings& auth) {
  return std::ranges::any_of(auth.algorithms,
                             [](const std::string& name) { return !name.starts_with("HS"); });
}

void check_secret(const Settings& settings, const std::string& bind, std::vector<Error>& errors) {
  const Secret& secret = settings.auth.secret_key;
  if (!uses_shared_secret(settings.auth)) return;
  if (secret.empty()) {
    errors.push_back(
        {"secret_missing",
         fmt::format("SECRET_KEY: is not set, and {} is reachable by others; set it to "
                     "the backend's, or to the output of `openssl rand -base64 48`",
                     bind)});
    return;
  }
  const std::string weakness = secret_weakness(secret.reveal());
  if (weakness.empty()) return;
  errors.push_back(
      {"secret_weak", fmt::format("SECRET_KEY: {}, and {} is reachable by others, who could sign "
                                  "their own tokens; use the output of `openssl rand -base64 48`",
                                  weakness, bind)});
}

void check_unsupported(const Settings& settings, std::vector<Error>& errors) {
  if (!settings.database.empty()) {
    errors.push_back({"database_unsupported",
                      "database: this version keeps inbox and leaderboard in memory only; remove "
                      "--database and CARILLON_DATABASE"});
  }
}

}  // namespace

std::vector<Error> validate_for_serving(const Settings& settings) {
  std::vector<Error> errors;
  const auto bind = std::ranges::find_if(settings.bind, is_beyond_loopback);
  if (bind != settings.bind.end()) {
    check_secret(settings, *bind, errors);
    if (!settings.allowed_hosts_given || settings.allowed_hosts.empty()) {
      errors.push_back(
          {"allowed_hosts_missing",
           fmt::format("ALLOWED_HOSTS: is not set, and {} is reachable by others; list "
                       "the host names that clients use, such as example.com",
                       *bind)});
    }
  }
  const AuthSettings& auth = settings.auth;
  if (uses_public_key(auth) && auth.public_key_file.empty() && auth.key_set_file.empty()) {
    errors.push_back({"public_key_missing",
                      "auth.algorithms: RS, PS, ES and EdDSA need a public key; set "
                      "auth.public_key_file or auth.key_set_file"});
  }
  check_unsupported(settings, errors);
  return errors;
}

}  // namespace carillon::config
