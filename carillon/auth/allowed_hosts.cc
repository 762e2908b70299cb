#include "carillon/auth/allowed_hosts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "carillon/auth/host_name.h"

namespace carillon::auth {
namespace {

// Django's is_same_domain(); both in lower case.
bool is_same_domain(std::string_view host, std::string_view pattern) {
  if (pattern.empty()) return false;
  if (pattern.front() == '.' && (host.ends_with(pattern) || host == pattern.substr(1))) return true;
  return pattern == host;
}

}  // namespace

AllowedHosts::AllowedHosts(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {
  for (std::string& pattern : patterns_) pattern = to_lower(pattern);
}

AllowedHosts AllowedHosts::loopback() {
  return AllowedHosts({".localhost", "127.0.0.1", "[::1]"});
}

bool AllowedHosts::allows(std::string_view host_header) const {
  const std::optional<HostName> host = parse_host(host_header);
  if (!host) return false;
  std::string_view name = host->name;
  if (name.ends_with('.')) name.remove_suffix(1);
  return !name.empty() &&
         std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
           return pattern == "*" || is_same_domain(name, pattern);
         });
}

}  // namespace carillon::auth
