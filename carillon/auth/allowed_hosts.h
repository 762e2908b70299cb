// Which Host headers are ours: Django's ALLOWED_HOSTS, rule for rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::auth {

// Immutable; any thread.
class AllowedHosts {
 public:
  // "example.com" is that name, ".example.com" it and every name below it, "*" all.
  explicit AllowedHosts(std::vector<std::string> patterns);

  // What Django allows when nothing is configured: localhost and below, 127.0.0.1, [::1].
  static AllowedHosts loopback();

  // The port is ignored, letters compare without case, one trailing dot is dropped. A malformed
  // header is refused even by "*".
  bool allows(std::string_view host_header) const;

 private:
  std::vector<std::string> patterns_;  // lower case
};

}  // namespace carillon::auth
