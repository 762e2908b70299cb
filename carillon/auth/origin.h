// Which web pages may use a browser's credentials here (RFC 6454).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::auth {

// An origin as browsers serialise it: scheme://host[:port], no path, no user, no spaces.
struct Origin {
  std::string scheme;  // lower case
  std::string host;    // lower case; IPv6 with its brackets
  uint16_t port = 0;   // the scheme's own when none is given; 0 for schemes without one

  bool operator==(const Origin&) const = default;
};

// Empty for `null` and anything malformed.
std::optional<Origin> parse_origin(std::string_view text);

// Immutable; any thread.
class OriginPolicy {
 public:
  // As CORS_ALLOWED_ORIGINS lists them. Malformed entries match nothing.
  explicit OriginPolicy(const std::vector<std::string>& allowed_origins);

  // True for the request's own host and port (`host` is its Host header; without a port it means
  // the default one of the origin's scheme) and for a listed origin. `null` and malformed ones
  // never. Whether a request without Origin is fine is the caller's rule.
  bool allows(std::string_view origin, std::string_view host) const;

  // Listed, for CORS answers.
  bool is_listed(std::string_view origin) const;

 private:
  bool contains(const Origin& origin) const;

  std::vector<Origin> allowed_;
};

}  // namespace carillon::auth
